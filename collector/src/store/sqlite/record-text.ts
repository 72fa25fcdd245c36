import { invariant } from '@throughline/model/invariant';

const BIGINT = '$bigint';

/** A record's value as JSON, with bigints (instants) as `{"$bigint":"…"}`. */
export function recordText(value: unknown): string {
  const text = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'bigint' ? { [BIGINT]: part.toString() } : part,
  ) as string | undefined;
  invariant(text !== undefined, 'a record has a value');
  return text;
}

export function recordValue(text: string): unknown {
  return JSON.parse(text, (_name, part: unknown) => {
    if (typeof part !== 'object' || part === null || !(BIGINT in part)) return part;
    const digits = part[BIGINT];
    return typeof digits === 'string' && Object.keys(part).length === 1 ? BigInt(digits) : part;
  });
}
