import type { BusinessCalendar } from '@throughline/model/policy';
import { instantFromMs, msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import { DateTime } from 'luxon';
import type { CalendarEntry, WorkingSpan } from './calendar-schema.js';

/** The working hours of one year, as instants in milliseconds, in order. `before`: working time of the year until then. */
interface Year {
  readonly fromMs: number;
  readonly toMs: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly before: readonly number[];
  readonly workMs: number;
}

/** Beyond so many years nobody counts hours: every one of them counts then. */
const YEARS_MAX = 10;
const YEAR_MS = 366 * 86_400_000;
const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Working hours in a time zone. Clocks that are put forward or back make a day's hours shorter or longer, as they do. */
export class WorkCalendar implements BusinessCalendar {
  readonly timezone: string;
  readonly workflows: readonly string[];
  readonly holidays: readonly string[];
  readonly hours: ReadonlyMap<number, readonly WorkingSpan[]>;
  readonly #years = new Map<number, Year>();

  constructor({ timezone, hours, holidays = [], workflows = [] }: CalendarEntry) {
    this.timezone = timezone;
    this.workflows = workflows;
    this.holidays = [...holidays].sort();
    this.hours = new Map([...hours].map(([day, spans]) => [day, merged(spans)]));
  }

  get text(): string {
    const days: string[] = [];
    for (let day = 1; day <= 7; day += 1) {
      const text = spansText(this.hours.get(day) ?? []);
      let last = day;
      while (last < 7 && spansText(this.hours.get(last + 1) ?? []) === text) last += 1;
      const name = DAY_NAMES[day - 1] ?? '';
      if (text !== '') {
        days.push(`${last === day ? name : `${name}–${DAY_NAMES[last - 1] ?? ''}`} ${text}`);
      }
      day = last;
    }
    const count = this.holidays.length;
    if (count > 0) days.push(count === 1 ? '1 holiday' : `${String(count)} holidays`);
    return days.join(', ');
  }

  elapsedMs(fromNs: UnixNs, toNs: UnixNs): number {
    if (toNs <= fromNs) return 0;
    const [fromMs, toMs] = [msFromNs(fromNs), msFromNs(toNs)];
    if (toMs - fromMs > YEARS_MAX * YEAR_MS) return toMs - fromMs;
    const last = this.#yearAt(toMs);
    let year = this.#yearAt(fromMs);
    let sum = -workedMs(year, fromMs);
    while (year.toMs < last.toMs) {
      sum += year.workMs;
      year = this.#yearAt(year.toMs);
    }
    return sum + workedMs(last, toMs);
  }

  dueNs(fromNs: UnixNs, withinMs: number): UnixNs {
    const fromMs = msFromNs(fromNs);
    let year = this.#yearAt(fromMs);
    let left = workedMs(year, fromMs) + withinMs;
    for (let passed = 0; passed <= YEARS_MAX; passed += 1) {
      if (left <= year.workMs) {
        const at = indexWhere(year.starts, (index) => endOf(year, index) >= left);
        const start = year.starts[at] ?? year.toMs;
        const dueMs = start + left - (year.before[at] ?? 0);
        // Within the same hours no rounding stands between the two instants.
        if (start <= fromMs) return (fromNs + nsFromMs(withinMs)) as UnixNs;
        const wholeMs = Math.floor(dueMs);
        return (instantFromMs(wholeMs) + nsFromMs(dueMs - wholeMs)) as UnixNs;
      }
      left -= year.workMs;
      year = this.#yearAt(year.toMs);
    }
    return (fromNs + nsFromMs(withinMs)) as UnixNs;
  }

  #yearAt(ms: number): Year {
    const utc = new Date(ms).getUTCFullYear();
    const year = this.#year(utc);
    if (ms < year.fromMs) return this.#year(utc - 1);
    return ms >= year.toMs ? this.#year(utc + 1) : year;
  }

  #year(number: number): Year {
    const known = this.#years.get(number);
    if (known !== undefined) return known;
    const zone = { zone: this.timezone };
    const from = DateTime.fromObject({ year: number }, zone);
    const to = DateTime.fromObject({ year: number + 1 }, zone);
    const year = { starts: [] as number[], ends: [] as number[], before: [] as number[] };
    let workMs = 0;
    for (let day = from; day < to; day = day.plus({ days: 1 })) {
      if (this.holidays.includes(day.toISODate() ?? '')) continue;
      for (const { fromMinute, toMinute } of this.hours.get(day.weekday) ?? []) {
        const [start, end] = [minuteOf(day, fromMinute), minuteOf(day, toMinute)];
        if (end <= start) continue;
        year.starts.push(start);
        year.ends.push(end);
        year.before.push(workMs);
        workMs += end - start;
      }
    }
    const made = { ...year, fromMs: from.toMillis(), toMs: to.toMillis(), workMs };
    this.#years.set(number, made);
    return made;
  }
}

/** By the clock on the wall, which on two days a year is not as many minutes after midnight. */
function minuteOf(day: DateTime, minute: number): number {
  if (minute === 24 * 60) return day.plus({ days: 1 }).toMillis();
  return day.set({ hour: Math.floor(minute / 60), minute: minute % 60 }).toMillis();
}

/** Working time of the year until the instant. */
function workedMs(year: Year, ms: number): number {
  const next = indexWhere(year.starts, (index) => (year.starts[index] ?? 0) > ms);
  if (next === 0) return 0;
  const start = year.starts[next - 1] ?? 0;
  const end = year.ends[next - 1] ?? 0;
  return (year.before[next - 1] ?? 0) + Math.min(ms, end) - start;
}

/** Working time of the year until the end of the hours at the index. */
function endOf({ starts, ends, before }: Year, index: number): number {
  return (before[index] ?? 0) + (ends[index] ?? 0) - (starts[index] ?? 0);
}

/** The first index at which it holds, where it holds from some index on. */
function indexWhere(list: readonly number[], holds: (index: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** In order, without overlaps. */
function merged(spans: readonly WorkingSpan[]): readonly WorkingSpan[] {
  const all: WorkingSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMinute - b.fromMinute)) {
    const last = all.at(-1);
    if (last === undefined || span.fromMinute > last.toMinute) all.push(span);
    else if (span.toMinute > last.toMinute)
      all[all.length - 1] = { ...last, toMinute: span.toMinute };
  }
  return all;
}

function spansText(spans: readonly WorkingSpan[]): string {
  const clock = (minute: number): string =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return spans.map((one) => `${clock(one.fromMinute)}–${clock(one.toMinute)}`).join(' and ');
}
