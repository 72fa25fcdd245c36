import type { Policy } from '@throughline/model/policy';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { explainRun } from '../../collector/src/detect/explain-run.js';
import { captured, checkout, MINUTE, reserved, SECOND, send } from './acts.js';
import { atMs, feed, staged, type Begin } from './stage.js';

function explained(policy: Partial<Policy>, ms: number, story: (begin: Begin) => void): string {
  const stage = staged(policy, story);
  const detector = new Detector(stage.policy, new Map());
  feed(detector, stage.runs, atMs(ms));
  detector.sweep(atMs(ms));
  const [run] = stage.runs;
  if (run === undefined) throw new Error('the story has no run');
  const facts = { promises: detector.promises(run), findings: detector.findingsOfRun(run.id) };
  return explainRun({ run, ...facts }, atMs(ms));
}

const outcome = (word: string) => ({
  'messaging.message.conversation_id': 'ord-1',
  'throughline.outcome': word,
});

describe('the sentence on top of a run', () => {
  test('says what should come next, from whom and by when, while all is well', () => {
    expect(explained(checkout, 5 * SECOND, (begin) => void captured(begin(1)))).toBe(
      'checkout ord-1 is under way: payments sent payment.captured 4 s ago; next should come stock.reserved of inventory, due in 26 s (declared).',
    );
  });

  test('says where it stopped, since when, why and what next, once it stalled', () => {
    const told = explained(checkout, 14 * MINUTE, (begin) => {
      captured(begin(1), 10 * SECOND);
      for (let i = 2; i <= 4; i++) reserved(begin(i), i * SECOND);
    });
    expect(told).toBe(
      'checkout ord-1 stopped 14 min ago after payment.captured; inventory has not read it; usual wait 0.5 s (3 runs). Next: check that a consumer of inventory is attached to orders.',
    );
  });

  // One cause is one finding, worded for one of the runs; each run's own page speaks of that run.
  test('speaks of the run itself when several stopped at the same place', () => {
    const stage = staged(checkout, (begin) => {
      captured(begin(1), 10 * SECOND);
      captured(begin(2), 70 * SECOND);
    });
    const now = atMs(14 * MINUTE);
    const detector = new Detector(stage.policy, new Map());
    feed(detector, stage.runs, now);
    detector.sweep(now);
    const sentences = stage.runs.map((run) => {
      const facts = {
        promises: detector.promises(run),
        findings: detector.findingsOfRun(run.id),
      };
      return explainRun({ run, ...facts }, now);
    });
    const cause =
      'after payment.captured; inventory has not read it. 1 other run waits at the same place. Next: check that a consumer of inventory is attached to orders.';
    expect(sentences.sort()).toEqual([
      `checkout ord-1 stopped 14 min ago ${cause}`,
      `checkout ord-2 stopped 13 min ago ${cause}`,
    ]);
  });

  test('says whom it waits for', () => {
    const story = (begin: Begin): void => {
      const attributes = {
        'throughline.step.kind': 'approval',
        'throughline.pending': true,
        'messaging.message.conversation_id': 'ord-1',
        'throughline.workflow.name': 'intake',
      };
      begin(1).step({ by: 'hr', name: 'approve offer', at: 0, attributes });
    };
    expect(explained({}, 3 * MINUTE, story)).toBe(
      'intake ord-1 waits for a decision, "approve offer" in hr, for 3 min.',
    );
  });

  test.each([
    ['completed', 'completed in 0.3 s: 1 step in 1 service.'],
    ['cancelled', 'was cancelled after 0.3 s.'],
  ])('says how long it took when it %s', (word, ending) => {
    const story = (begin: Begin): void => {
      const attributes = { ...outcome(word), 'throughline.workflow.name': 'intake' };
      begin(1).step({ by: 'hr', name: 'intake', at: 0, takes: 300, attributes });
    };
    expect(explained({}, MINUTE, story)).toBe(`intake ord-1 ${ending}`);
  });

  test('says at which step it failed, and why', () => {
    const story = (begin: Begin): void => {
      const line = begin(1);
      const attributes = { ...outcome('failed'), 'throughline.workflow.name': 'intake' };
      const inside = line.step({ by: 'hr', name: 'intake', at: 0, takes: 300, attributes });
      line.step({ by: 'hr', name: 'score', at: 10, inside, error: 'no CV' });
    };
    expect(explained({}, MINUTE, story)).toBe(
      'intake ord-1 failed after 0.3 s at "score" in hr: no CV.',
    );
  });

  test('says what was undone', () => {
    const story = (begin: Begin): void => {
      const line = begin(1);
      const attributes = { ...outcome('compensated'), 'throughline.workflow.name': 'intake' };
      const inside = line.step({ by: 'hr', name: 'intake', at: 0, takes: 300, attributes });
      const undoes = { 'throughline.compensates': 'book room' };
      line.step({ by: 'hr', name: 'free room', at: 10, inside, attributes: undoes });
    };
    expect(explained({}, MINUTE, story)).toBe(
      'intake ord-1 was compensated after 0.3 s: book room undone.',
    );
  });

  test('says what was undone, and in which order, but not by its name alone that something stands', () => {
    const undone = (...names: readonly string[]): string =>
      explained({}, MINUTE, (begin) => {
        const line = begin(1);
        const attributes = { ...outcome('compensated'), 'throughline.workflow.name': 'intake' };
        const inside = line.step({ by: 'hr', name: 'intake', at: 0, takes: 300, attributes });
        line.step({ by: 'hr', name: 'book room', at: 10, inside });
        line.step({ by: 'hr', name: 'grant access', at: 20, inside });
        for (const [at, name] of names.entries()) {
          const undoes = { 'throughline.compensates': name };
          const named = `undo ${name}`;
          line.step({ by: 'hr', name: named, at: 100 + at * 10, inside, attributes: undoes });
        }
      });
    expect(undone('grant access', 'book room')).toMatch(/: book room, grant access undone\.$/);
    expect(undone('book room', 'grant access')).toMatch(/undone, not in the reverse order\.$/);
    expect(undone('grant access')).toMatch(/: grant access undone\.$/);
  });

  test('a run without promises says what was seen last', () => {
    const story = (begin: Begin): void => void send(begin(1), 'a.b', { by: 'shop', at: 0 });
    expect(explained({ noConsumerExpected: ['*'] }, MINUTE, story)).toContain(
      'is under way: shop sent a.b 1 min ago.',
    );
  });
});
