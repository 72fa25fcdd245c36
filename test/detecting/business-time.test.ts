import { flow } from '@throughline/fixtures/build/policy';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import type { Policy } from '@throughline/model/policy';
import { formatInstant, msFromNs } from '@throughline/model/time';
import { describe, expect, test } from 'vitest';
import { calendarEntry } from '../../collector/src/config/calendar-schema.js';
import { WorkCalendar } from '../../collector/src/config/work-calendar.js';
import { Detector } from '../../collector/src/detect/detector.js';
import { SECOND } from './acts.js';
import { atMs, feed, judgedOnce, openOf, staged } from './stage.js';

const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
/** Stories begin at 09:00 on a Monday: said once, so that the days below can be read. */
const MONDAY = 0;
const FRIDAY = MONDAY + 4 * DAY;

const calendar = new WorkCalendar(
  calendarEntry.parse({ timezone: 'UTC', hours: { 'mon-fri': '09:00-17:00' } }),
);

function received(line: Storyline, at: number) {
  return line.send({ type: 'claim.received', to: 'claims', by: 'portal', at });
}

function read(line: Storyline, at: number, afterMs: number): void {
  const claim = received(line, at);
  line.take(claim, { by: 'clerk', at: at + afterMs, takes: SECOND });
}

function readWithin8Hours(isBusinessTime: boolean): Partial<Policy> {
  const expects = [{ after: 'claim.received', event: null, by: 'clerk', withinMs: 8 * HOUR }];
  const claims = flow({ workflow: 'claims', startsWith: 'claim.received', expects });
  return { calendar, flows: [{ ...claims, isBusinessTime }] };
}

test('the stories begin on a Monday at nine', () => {
  expect(new Date(msFromNs(STORY_START_NS)).getUTCDay()).toBe(1);
  expect(formatInstant(STORY_START_NS)).toContain('T09:00:00');
});

describe('a declared deadline in business time', () => {
  const stalledAt = (policy: Partial<Policy>, ms: number) =>
    judgedOnce(
      staged(policy, (begin) => received(begin(1), FRIDAY + 7 * HOUR)),
      ms,
    ).filter(({ rule }) => rule === 'stalled-run');

  test('stands still over the weekend, and is over on Monday', () => {
    // From 16:00 on Friday: an hour until the evening, seven from Monday at nine.
    expect(stalledAt(readWithin8Hours(true), FRIDAY + 2 * DAY)).toEqual([]);
    expect(stalledAt(readWithin8Hours(true), FRIDAY + 3 * DAY + 6.9 * HOUR)).toEqual([]);
    const [finding] = stalledAt(readWithin8Hours(true), FRIDAY + 3 * DAY + 7.1 * HOUR);
    expect(finding?.evidence.map(({ text }) => text).join()).toContain('8 h of business time');
  });

  test('is plain time where the flow does not say so', () => {
    expect(stalledAt(readWithin8Hours(false), FRIDAY + 2 * DAY)).toHaveLength(1);
  });
});

describe('a deadline that was learned in business time', () => {
  // A clerk reads each claim an hour of work later; what comes late on a day waits for the next one.
  const policy = {
    calendar,
    flows: [flow({ workflow: 'claim.received', startsWith: 'claim.received' })],
  };
  const business: Partial<Policy> = {
    ...policy,
    flows: policy.flows.map((one) => ({ ...one, isBusinessTime: true })),
  };
  const story = (rules: Partial<Policy>) =>
    staged(rules, (begin) => {
      for (let number = 0; number < 40; number += 1) {
        const day = Math.floor(number / 8);
        const at = MONDAY + day * DAY + (number % 8) * HOUR;
        if (day === 4 && number % 8 === 7) received(begin(number), at + HOUR / 2);
        else read(begin(number), at, number % 8 === 7 ? DAY - 7 * HOUR + HOUR : HOUR);
      }
    });
  const judged = (rules: Partial<Policy>, ms: number): Detector => {
    const stage = story(rules);
    const detector = new Detector(stage.policy, new Map());
    feed(detector, stage.runs, atMs(ms));
    detector.sweep(atMs(ms));
    return detector;
  };
  const clerkOf = (detector: Detector) =>
    detector.reactions('claim.received').find(({ by }) => by === 'clerk');
  const overdue = (detector: Detector) =>
    openOf(detector).filter(({ rule }) => rule === 'stalled-run');

  test('knows nights for what they are', () => {
    const detector = judged(business, FRIDAY + DAY);
    expect(clerkOf(detector)).toMatchObject({ state: 'learned' });
    expect(clerkOf(detector)?.p99Ms).toBeLessThan(3 * HOUR);
    expect(clerkOf(judged({}, FRIDAY + DAY))?.p99Ms).toBeGreaterThan(15 * HOUR);
  });

  test('waits over the weekend for Friday’s last claim, and misses it on Monday', () => {
    expect(overdue(judged(business, FRIDAY + 2.9 * DAY))).toEqual([]);
    expect(overdue(judged(business, FRIDAY + 3 * DAY + 7.9 * HOUR))).toHaveLength(1);
  });
});
