import { parseInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarEntry } from './calendar-schema.js';
import { WorkCalendar } from './work-calendar.js';

const HOUR = 3_600_000;

const office = new WorkCalendar(
  calendarEntry.parse({
    timezone: 'Europe/Berlin',
    hours: { 'mon-fri': ['09:00-12:00', '13:00-18:00'], sat: '10:00-12:00' },
    holidays: ['2026-12-25'],
    workflows: ['claims'],
  }),
);
const nights = new WorkCalendar(
  calendarEntry.parse({
    timezone: 'America/New_York',
    hours: { 'mon-sun': ['22:00-24:00', '00:00-06:00'] },
  }),
);

function at(text: string): UnixNs {
  return parseInstant(text) as UnixNs;
}

describe('business time', () => {
  it.each([
    ['within a morning', '2026-11-20T09:00:00+01:00', '2026-11-20T10:30:00+01:00', 1.5],
    ['over lunch', '2026-11-20T11:00:00+01:00', '2026-11-20T14:00:00+01:00', 2],
    ['over a night', '2026-11-19T17:00:00+01:00', '2026-11-20T10:00:00+01:00', 2],
    ['over a weekend', '2026-11-20T17:00:00+01:00', '2026-11-23T10:00:00+01:00', 4],
    ['over a holiday', '2026-12-24T17:00:00+01:00', '2026-12-26T11:00:00+01:00', 2],
    ['over the turn of the year', '2026-12-31T17:00:00+01:00', '2027-01-01T10:00:00+01:00', 2],
    ['none on a Sunday', '2026-11-22T08:00:00+01:00', '2026-11-22T20:00:00+01:00', 0],
    // In the week of the change of clocks a day begins an hour earlier or later elsewhere.
    ['when clocks are put back', '2026-10-23T17:00:00+02:00', '2026-10-26T10:00:00+01:00', 4],
    ['when clocks are put forward', '2026-03-27T17:00:00+01:00', '2026-03-30T10:00:00+02:00', 4],
  ])('counts %s', (_name, from, to, hours) => {
    expect(office.elapsedMs(at(from), at(to))).toBe(hours * HOUR);
  });

  it('counts the hour that is twice, and not the one that is left out', () => {
    const night = (from: string, to: string): number => nights.elapsedMs(at(from), at(to)) / HOUR;
    expect(night('2026-10-31T22:00:00-04:00', '2026-11-01T06:00:00-05:00')).toBe(9);
    expect(night('2026-03-07T22:00:00-05:00', '2026-03-08T06:00:00-04:00')).toBe(7);
  });

  it('ends with the day, and goes on with the next', () => {
    const from = at('2026-11-20T17:00:00+01:00');
    expect(office.dueNs(from, HOUR)).toBe(at('2026-11-20T18:00:00+01:00'));
    expect(office.dueNs(from, HOUR + 1)).toBe(at('2026-11-21T10:00:00.001+01:00'));
    expect(office.dueNs(from, 4 * HOUR)).toBe(at('2026-11-23T10:00:00+01:00'));
  });

  it('is over when as much has passed, wherever it begins', () => {
    const firstNs = at('2026-01-01T00:00:00Z');
    fc.assert(
      fc.property(
        fc.constantFrom(office, nights),
        fc.integer({ min: 0, max: 3 * 365 * 24 * 60 }),
        fc.integer({ min: 1, max: 2_000 * 60 }),
        (calendar, minute, withinMinutes) => {
          const from = (firstNs + nsFromMs(minute * 60_000)) as UnixNs;
          const due = calendar.dueNs(from, withinMinutes * 60_000);
          expect(calendar.elapsedMs(from, due)).toBeCloseTo(withinMinutes * 60_000, 0);
          expect(calendar.elapsedMs(from, (due - 60_000_000_000n) as UnixNs)).toBeLessThan(
            withinMinutes * 60_000,
          );
        },
      ),
    );
  });

  it('keeps the nanoseconds of what begins and ends within the same hours', () => {
    const from = (at('2026-11-20T14:00:00+01:00') + 123_456_789n) as UnixNs;
    expect(office.dueNs(from, 30_000)).toBe(from + 30_000_000_000n);
  });

  it('says what it is', () => {
    expect(office.text).toBe('Mon–Fri 09:00–12:00 and 13:00–18:00, Sat 10:00–12:00, 1 holiday');
    expect(nights.text).toBe('Mon–Sun 00:00–06:00 and 22:00–24:00');
  });
});

describe('a calendar', () => {
  const said = (entry: object): string =>
    calendarEntry
      .safeParse({ timezone: 'UTC', hours: { mon: '09:00-17:00' }, ...entry })
      .error?.issues.map(({ message }) => message)
      .join() ?? '';

  it.each([
    [{ timezone: 'Berlin' }, 'expected a time zone such as Europe/Berlin, found "Berlin"'],
    [{ hours: { mon: '9-17' } }, 'expected hours such as 09:00-17:00, found "9-17"'],
    [{ hours: { mon: '22:00-06:00' } }, 'write hours over midnight as two'],
    [{ hours: { mon: '09:00-25:00' } }, 'expected hours such as'],
    [{ hours: { someday: '09:00-17:00' } }, 'expected days such as mon-fri'],
    [{ hours: {} }, 'has no working hours'],
    [{ holidays: ['2026-02-30'] }, 'expected a day such as 2026-12-25, found "2026-02-30"'],
    [{ holiday: ['2026-12-25'] }, 'holiday'],
  ])('that is wrong is refused with what to write: %j', (entry, message) => {
    expect(said(entry)).toContain(message);
  });
});
