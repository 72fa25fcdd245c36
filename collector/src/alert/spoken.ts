import { msFromNs } from '@throughline/model/time';

/** Units with their lengths, and from which length on they are used. */
const UNITS = [
  ['d', 86_400_000, 2 * 86_400_000],
  ['h', 3_600_000, 3_600_000],
  ['min', 60_000, 60_000],
  ['s', 1_000, 1_000],
] as const;

/** A length of time in its largest whole unit, days from two on: `12 min`, `24 h`, `3 d`. */
export function spoken(lengthNs: bigint): string {
  const ms = Math.max(0, msFromNs(lengthNs));
  const [unit, unitMs] = UNITS.find(([, , from]) => ms >= from) ?? (['s', 1_000] as const);
  return `${Math.floor(ms / unitMs)} ${unit}`;
}
