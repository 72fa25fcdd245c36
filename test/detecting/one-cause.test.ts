import type { Finding } from '@throughline/model/finding';
import type { Run } from '@throughline/model/run';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { captured, checkout, MINUTE, reserved, SECOND } from './acts.js';
import { atMs, feed, openOf, staged } from './stage.js';

/** Order 1 to 20 pass; then inventory dies, and 500 orders pile up behind it. Two stall at the same place, otherwise. */
const stage = staged(checkout, (begin) => {
  for (let each = 1; each <= 20; each++) reserved(begin(each), each * SECOND);
  const failing = begin(901);
  failing.take(captured(failing, 10 * SECOND), {
    by: 'inventory',
    at: 12 * SECOND,
    error: 'no such article',
  });
  const crashed = begin(902);
  crashed.take(captured(crashed, 11 * SECOND), {
    by: 'inventory',
    at: 13 * SECOND,
    takes: 100,
    isPending: true,
  });
  for (let each = 1; each <= 500; each++) captured(begin(1_000 + each), MINUTE + each * 100);
});

const stalled = (findings: readonly Finding[]) =>
  findings.filter(({ rule }) => rule === 'stalled-run');
const orderOf = ({ keys }: Run): string => keys[0]?.value ?? '';
const runOf = (order: number): Run => {
  const found = stage.runs.find((run) => orderOf(run) === `ord-${order}`);
  if (found === undefined) throw new Error(`no run of order ${order}`);
  return found;
};

function swept(runs: readonly Run[], everyMs: number): Detector {
  const detector = new Detector(stage.policy, new Map());
  const pending = [...runs].sort((a, b) => (a.startedAtNs < b.startedAtNs ? -1 : 1));
  for (let ms = 0; ms <= 14 * MINUTE; ms += everyMs) {
    const due = pending.filter(({ startedAtNs }) => startedAtNs <= atMs(ms));
    pending.splice(0, due.length);
    feed(detector, due, atMs(ms));
    detector.sweep(atMs(ms));
  }
  return detector;
}

describe('five hundred runs behind one dead consumer, and two that stalled for reasons of their own', () => {
  test.each([14 * MINUTE, 10 * SECOND])('are three findings, judged every %d ms', (everyMs) => {
    const detector = swept(stage.runs, everyMs);
    const found = stalled(openOf(detector)).map(({ verdict, runsAffected }) => [
      verdict,
      runsAffected,
    ]);
    expect(Object.fromEntries(found)).toEqual({
      'consumer-absent': 500,
      'handler-crashed': 1,
      retrying: 1,
    });
    expect(found).toHaveLength(3);
  });

  test('each run has the finding of its own cause, and of no other', () => {
    const detector = swept(stage.runs, 10 * SECOND);
    const verdicts = (order: number) =>
      stalled(detector.findingsOfRun(runOf(order).id)).map(({ verdict }) => verdict);
    for (let each = 1_001; each <= 1_500; each++) {
      expect(verdicts(each)).toEqual(['consumer-absent']);
    }
    expect(verdicts(901)).toEqual(['retrying']);
    expect(verdicts(902)).toEqual(['handler-crashed']);
    for (let each = 1; each <= 20; each++) expect(verdicts(each)).toEqual([]);
  });

  test('the sentence of the five hundred counts them, and the others speak of themselves', () => {
    const [many] = stalled(openOf(swept(stage.runs, 14 * MINUTE))).filter(
      ({ runsAffected }) => runsAffected === 500,
    );
    expect(many?.sentence).toContain('499 other runs wait at the same place');
    expect(many?.sentence).not.toContain('no such article');
    expect(many?.subject.kind).toBe('edge');
  });
});
