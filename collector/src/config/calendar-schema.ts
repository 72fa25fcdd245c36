import { IANAZone } from 'luxon';
import { z } from 'zod';
import { text, texts } from './schema-words.js';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const SPAN = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Minutes since midnight of a working day's beginning and end. */
export interface WorkingSpan {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** `mon`, `mon-fri`, `sat, sun`: days of the week, counted from 1 for Monday. */
const days = text.transform((value, context): readonly number[] => {
  const found = value
    .toLowerCase()
    .split(',')
    .flatMap((part) => daysOf(part.trim()) ?? [null]);
  if (!found.includes(null)) return found as number[];
  context.addIssue(`expected days such as mon-fri or "sat, sun", found "${value}"`);
  return z.NEVER;
});

function daysOf(part: string): number[] | undefined {
  const [first = -1, last = first, more] = part
    .split(/\s*[-–]\s*/)
    .map((word) => (word.length < 3 ? -1 : DAYS.findIndex((day) => day.startsWith(word))));
  if (first < 0 || last < 0 || more !== undefined) return undefined;
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, at) => ((first + at) % 7) + 1);
}

const span = text.transform((value, context): WorkingSpan => {
  const [, fromHour, fromMinute, toHour, toMinute] = SPAN.exec(value.trim()) ?? [];
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = Number(toHour) * 60 + Number(toMinute);
  const isTime = Number(fromMinute) < 60 && Number(toMinute) < 60 && to <= 24 * 60;
  if (isTime && from < to) return { fromMinute: from, toMinute: to };
  context.addIssue(
    isTime && from >= to
      ? `"${value}" ends before it begins: write hours over midnight as two, such as 22:00-24:00 and 00:00-06:00`
      : `expected hours such as 09:00-17:00, found "${value}"`,
  );
  return z.NEVER;
});

const holiday = text.refine(
  (value) => {
    const [, year, month, day] = DATE.exec(value) ?? [];
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  },
  { error: ({ input }) => `expected a day such as 2026-12-25, found "${String(input)}"` },
);

export const calendarEntry = z.strictObject({
  timezone: text.refine((zone) => IANAZone.isValidZone(zone), {
    error: ({ input }) => `expected a time zone such as Europe/Berlin, found "${String(input)}"`,
  }),
  hours: z
    .record(
      z.string(),
      z.preprocess((value): unknown[] => (Array.isArray(value) ? value : [value]), z.array(span)),
    )
    .transform((hours, context): ReadonlyMap<number, readonly WorkingSpan[]> => {
      const byDay = new Map<number, readonly WorkingSpan[]>();
      for (const [name, spans] of Object.entries(hours)) {
        const named = days.safeParse(name);
        if (!named.success) {
          context.addIssue(named.error.issues[0]?.message ?? '');
          return z.NEVER;
        }
        for (const day of named.data) byDay.set(day, [...(byDay.get(day) ?? []), ...spans]);
      }
      if ([...byDay.values()].some((spans) => spans.length > 0)) return byDay;
      context.addIssue('has no working hours: add some such as mon-fri: 09:00-17:00');
      return z.NEVER;
    }),
  holidays: z.array(holiday).optional(),
  workflows: texts.optional(),
});
export type CalendarEntry = z.infer<typeof calendarEntry>;
