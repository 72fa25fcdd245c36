import { msFromNs } from '@throughline/model/time';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A length of time in its largest whole unit: `12 min`, `3 h`. */
export function spoken(lengthNs: bigint): string {
  const ms = Math.max(0, msFromNs(lengthNs));
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each) ?? (['s', 1_000] as const);
  return `${Math.floor(ms / unitMs)} ${unit}`;
}
