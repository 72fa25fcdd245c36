import { CORRELATION_KEY, type Key } from '@throughline/model/key';

/** The key that a person knows the run by: a business key before the correlation id that only machines read. */
export function keyText(keys: readonly Key[]): string {
  const same = keys.filter(({ relation }) => relation === 'same');
  const key = same.find(({ type }) => type !== CORRELATION_KEY) ?? same[0] ?? keys[0];
  return key === undefined ? '-' : `${key.type}:${key.value}`;
}
