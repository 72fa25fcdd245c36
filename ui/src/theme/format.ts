import type { ZoneChoice } from './preferences.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A length of time as people say it, two units at most: `0.8 s`, `14 min`, `2 h 14 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms);
  if (length === 0) return '0 ms';
  if (length < 1) return `${(length * 1000).toFixed(0)} µs`;
  if (length < 10) return `${trimmed(length, 1)} ms`;
  if (length < 1000) return `${String(Math.round(length))} ms`;
  if (length < 10_000) return `${trimmed(length / 1000, 1)} s`;
  if (length < MINUTE_MS) return `${String(Math.round(length / 1000))} s`;
  if (length < HOUR_MS)
    return twoUnits({ length, unit: MINUTE_MS, name: 'min', lower: 1000, lowerName: 's' });
  if (length < DAY_MS)
    return twoUnits({ length, unit: HOUR_MS, name: 'h', lower: MINUTE_MS, lowerName: 'min' });
  return twoUnits({ length, unit: DAY_MS, name: 'd', lower: HOUR_MS, lowerName: 'h' });
}

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0$/, '');
}

interface TwoUnits {
  readonly length: number;
  readonly unit: number;
  readonly name: string;
  readonly lower: number;
  readonly lowerName: string;
}

function twoUnits({ length, unit, name, lower, lowerName }: TwoUnits): string {
  const whole = Math.floor(length / unit);
  const rest = Math.floor((length - whole * unit) / lower);
  const showsRest = rest > 0 && whole < 10;
  return showsRest
    ? `${String(whole)} ${name} ${String(rest)} ${lowerName}`
    : `${String(whole)} ${name}`;
}

/** Only the larger unit, for places where a word has to stay short: `14 min`. */
export function formatAge(ms: number): string {
  return formatDuration(ms).split(' ').slice(0, 2).join(' ');
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function formatCount(value: number): string {
  return value < 100_000 ? WHOLE.format(value) : COMPACT.format(value);
}

/** A rate per minute, in the unit that reads best: `41/s`, `3/min`, `0.2/min`. */
export function formatRate(perMinute: number): string {
  if (perMinute <= 0) return '0/min';
  if (perMinute >= 60) return `${COMPACT.format(perMinute / 60)}/s`;
  return `${trimmed(perMinute, perMinute < 10 ? 1 : 0)}/min`;
}

export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 99 && percent < 100) return '>99 %';
  return percent > 0 && percent < 1 ? '<1 %' : `${String(Math.round(percent))} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Milliseconds since the epoch; fractions of a millisecond are kept apart by the text of the instant. */
export function instantMs(instant: string): number {
  return Date.parse(instant.replace(/(\.\d{3})\d+/, '$1'));
}

/** Milliseconds since the epoch with the fraction that the text holds, to about a quarter of a microsecond. */
export function preciseMs(instant: string): number {
  const fraction = /\.\d{3}(\d+)/.exec(instant)?.[1];
  return instantMs(instant) + (fraction === undefined ? 0 : Number(`0.${fraction}`));
}

const DATE_TIME: Intl.DateTimeFormatOptions = {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};
const LOCAL = new Intl.DateTimeFormat('en', DATE_TIME);
const UTC = new Intl.DateTimeFormat('en', { ...DATE_TIME, timeZone: 'UTC' });
const LOCAL_ZONE = new Intl.DateTimeFormat('en', { timeZoneName: 'short' });

export function localZoneName(): string {
  const part = LOCAL_ZONE.formatToParts(new Date()).find(({ type }) => type === 'timeZoneName');
  return part?.value ?? 'local';
}

export interface InstantFormat {
  readonly zone: ZoneChoice;
  readonly nowMs: number;
  /** Show milliseconds, for evidence; relative zones still show absolute time then. */
  readonly isPrecise?: boolean;
}

export function formatInstant(
  instant: string,
  { zone, nowMs, isPrecise = false }: InstantFormat,
): string {
  const at = instantMs(instant);
  if (Number.isNaN(at)) return instant;
  if (zone === 'relative' && !isPrecise) return formatRelative(at, nowMs);
  const isToday = new Date(at).toDateString() === new Date(nowMs).toDateString();
  const text = (zone === 'utc' ? UTC : LOCAL).format(at);
  const short = isToday ? (text.split(', ').at(-1) ?? text) : text;
  return isPrecise ? `${short}.${String(at % 1000).padStart(3, '0')}` : short;
}

export function formatRelative(atMs: number, nowMs: number): string {
  const gap = nowMs - atMs;
  if (Math.abs(gap) < 1000) return 'just now';
  return gap > 0 ? `${formatAge(gap)} ago` : `in ${formatAge(-gap)}`;
}

/** Local, UTC and relative together, for the title of every time on screen. */
export function describeInstant(instant: string, nowMs: number): string {
  const at = instantMs(instant);
  if (Number.isNaN(at)) return instant;
  return `${LOCAL.format(at)} ${localZoneName()} · ${instant} · ${formatRelative(at, nowMs)}`;
}

/** Keeps both ends of a long id: `4bf92f…4736`. */
export function middle(text: string, lengthMax = 16): string {
  if (text.length <= lengthMax) return text;
  const head = Math.ceil((lengthMax - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (lengthMax - 1 - head))}`;
}

/**
 * Begins a text with a capital letter, unless its first word is a name: one of the words of `place`, such as
 * `payment.captured → inventory`, or one with a dot, a digit or a quote in it.
 */
export function sentenceCase(text: string, place = ''): string {
  const [first = ''] = text.split(/[\s:,]/, 1);
  const isPlain = /^[a-z]+(-[a-z]+)*$/.test(first);
  if (!isPlain || place.split(/\s+/).includes(first)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
