import type { AttributeValue } from '@throughline/model/step';

/**
 * A whole number that came as a double. Everybody but an exporter takes it for the number that it is, so that only
 * `decodeExactly` makes these; a class, since a record that a sender chose could look alike.
 */
export class WholeDouble {
  readonly [name: string]: AttributeValue;
  readonly doubleValue: number;

  constructor(doubleValue: number) {
    this.doubleValue = doubleValue;
  }
}

/** The double as an attribute value: told apart from an integer where the reader asks for it. */
export function doubleOf(value: number, keepsDoubles: boolean): AttributeValue {
  return keepsDoubles && Number.isSafeInteger(value) ? new WholeDouble(value) : value;
}
