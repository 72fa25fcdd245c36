import type { StepId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { captured, checkout, MINUTE, reserved, SECOND } from './acts.js';
import { atMs, feed, openOf, staged } from './stage.js';

const HOUR = 60 * MINUTE;

/** Everything of the run arrives at that time after the story's start, but for what is told to come at another. */
function arriving(run: Run, ms: number, own: ReadonlyMap<StepId, number> = new Map()) {
  const times = new Map<StepId, UnixNs>();
  for (const { step } of run.steps) times.set(step.id, atMs(own.get(step.id) ?? ms));
  return (id: StepId): UnixNs => times.get(id) ?? (0n as UnixNs);
}

const stage = staged(checkout, (begin) => void captured(begin(1)));
const answered = staged(checkout, (begin) => void reserved(begin(1), 0, 2 * SECOND));
const [run] = stage.runs as [Run];
const rulesOf = (detector: Detector): string[] => openOf(detector).map(({ rule }) => rule);

describe('history that is read in an hour later, a piece at a time', () => {
  test('raises nothing when the answer arrives a second after its question', () => {
    const detector = new Detector(stage.policy, new Map(), arriving(run, HOUR));
    feed(detector, stage.runs, atMs(HOUR));
    const opened = [];
    for (let at = HOUR; at <= HOUR + 9 * SECOND; at += SECOND) {
      opened.push(...detector.sweep(atMs(at)).opened);
    }
    feed(detector, answered.runs, atMs(HOUR + 9 * SECOND));
    opened.push(...detector.sweep(atMs(HOUR + 2 * MINUTE)).opened);
    expect(opened).toEqual([]);
  });

  test('would raise it without patience', () => {
    const { detect } = stage.policy;
    const hasty = { ...stage.policy, detect: { ...detect, arrivalGraceMs: 0 } };
    const detector = new Detector(hasty, new Map(), arriving(run, HOUR));
    feed(detector, stage.runs, atMs(HOUR));
    expect(detector.sweep(atMs(HOUR + SECOND)).opened).not.toEqual([]);
  });

  test('raises what is missing within a minute of arrival, and says since when it is', () => {
    const detector = new Detector(stage.policy, new Map(), arriving(run, HOUR));
    feed(detector, stage.runs, atMs(HOUR));
    expect(detector.sweep(atMs(HOUR + 9 * SECOND)).opened).toEqual([]);
    const { opened } = detector.sweep(atMs(HOUR + 11 * SECOND));
    expect(opened.map(({ rule }) => rule).sort()).toEqual(['missing-consumer', 'stalled-run']);
    const stalled = opened.find(({ rule }) => rule === 'stalled-run');
    expect(stalled?.openedAtNs).toBe(atMs(41 * SECOND));
  });

  test('waits while the run goes on arriving, but no longer than 45 s', () => {
    const opening = run.messages.find(({ type }) => type === 'payment.captured')?.sentBy;
    expect(opening).toBeDefined();
    const own = new Map([[opening as StepId, HOUR]]);
    for (const [lastMs, believedMs] of [
      [20 * SECOND, 30 * SECOND],
      [40 * SECOND, 45 * SECOND],
    ] as const) {
      const detector = new Detector(stage.policy, new Map(), arriving(run, HOUR + lastMs, own));
      feed(detector, stage.runs, atMs(HOUR + lastMs));
      detector.sweep(atMs(HOUR + believedMs - 1));
      expect(rulesOf(detector)).not.toContain('stalled-run');
      detector.sweep(atMs(HOUR + believedMs));
      expect(rulesOf(detector)).toContain('stalled-run');
    }
  });

  test('is judged the same after a restart, whenever that is', () => {
    const arrivedAt = arriving(run, HOUR);
    const instants = [5, 9, 10, 11, 30, 90].map((s) => atMs(HOUR + s * SECOND));
    const first = new Detector(stage.policy, new Map(), arrivedAt);
    feed(first, stage.runs, atMs(HOUR));
    for (const now of instants) {
      first.sweep(now);
      const second = new Detector(stage.policy, new Map(), arrivedAt);
      feed(second, stage.runs, now);
      second.sweep(now);
      expect(openOf(second).map(({ id }) => id)).toEqual(openOf(first).map(({ id }) => id));
    }
    expect(openOf(first)).toHaveLength(2);
  });
});

test('what arrives as it happens is judged by its deadline alone', () => {
  const detector = new Detector(stage.policy, new Map(), arriving(run, SECOND));
  feed(detector, stage.runs, atMs(2 * SECOND));
  detector.sweep(atMs(40 * SECOND));
  expect(rulesOf(detector)).not.toContain('stalled-run');
  detector.sweep((atMs(41 * SECOND) + nsFromMs(1)) as UnixNs);
  expect(rulesOf(detector)).toContain('stalled-run');
});

test('where reports take a minute, nothing is missing that is not a minute overdue', () => {
  const detector = new Detector(stage.policy, new Map(), arriving(run, 50 * SECOND));
  const [step] = run.steps.map((each) => each.step);
  if (step === undefined) throw new Error('every run has steps');
  detector.arrived(Array.from({ length: 200 }, () => ({ ...step, endedAtNs: atMs(0) })));
  feed(detector, stage.runs, atMs(50 * SECOND));
  detector.sweep(atMs(80 * SECOND));
  expect(rulesOf(detector)).not.toContain('stalled-run');
  detector.sweep(atMs(90 * SECOND));
  expect(rulesOf(detector)).toContain('stalled-run');
});
