import { invariant } from './invariant.js';

declare const unixNs: unique symbol;
/** An instant: nanoseconds since 1970-01-01T00:00:00Z. Always a bigint: a double loses nanoseconds. */
export type UnixNs = bigint & { readonly [unixNs]: true };

export const NS_PER_MS = 1_000_000n;
export const NS_PER_S = 1_000_000_000n;

export function nsFromMs(ms: number): bigint {
  invariant(Number.isFinite(ms), 'a duration in milliseconds is a finite number');
  return BigInt(Math.round(ms * 1e6));
}

/** Milliseconds with fraction; exact enough for durations, never used for instants. */
export function msFromNs(ns: bigint): number {
  return Number(ns) / 1e6;
}

/** The instant of a `Date.now()` reading. */
export function instantFromMs(ms: number): UnixNs {
  return (BigInt(Math.trunc(ms)) * NS_PER_MS) as UnixNs;
}

/** RFC 3339 in UTC with 3, 6 or 9 fraction digits, the fewest that lose nothing. */
export function formatInstant(at: UnixNs): string {
  const ms = at / NS_PER_MS;
  const rest = at % NS_PER_MS;
  const iso = new Date(Number(ms)).toISOString();
  if (rest === 0n) return iso;
  const micros = rest % 1000n === 0n;
  const digits = micros ? String(rest / 1000n).padStart(3, '0') : String(rest).padStart(6, '0');
  return `${iso.slice(0, -1)}${digits}Z`;
}

const RFC3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** @returns undefined for anything but an RFC 3339 instant with up to nine fraction digits. */
export function parseInstant(text: string): UnixNs | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms) || !isOnCalendar(`${date}T${time}`)) return undefined;
  return (BigInt(ms) * NS_PER_MS + BigInt(fraction.padEnd(9, '0'))) as UnixNs;
}

/** `Date` takes 30 February for 2 March, and 24:00 for the next day: both are misprints. */
function isOnCalendar(local: string): boolean {
  const ms = Date.parse(`${local}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(local);
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `250ms`, `30s`, `5m`, `4h`, `14d`; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
