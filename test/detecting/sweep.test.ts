import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { captured, checkout, MINUTE, reserved, SECOND } from './acts.js';
import { DESTINATION_ROWS } from './destination-rows.js';
import { KEY_ROWS } from './key-rows.js';
import { RUN_ROWS } from './run-rows.js';
import { STANDSTILL_ROWS } from './standstill-rows.js';
import { atMs, feed, judgedOnce, openOf, staged } from './stage.js';

const ROWS = [...STANDSTILL_ROWS, ...KEY_ROWS, ...DESTINATION_ROWS, ...RUN_ROWS];

describe('sweeping as time goes by', () => {
  const stories = ROWS.map(({ policy = {}, story }) => staged(policy, story));

  test('ends where a single sweep at the last instant ends', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...stories),
        fc.infiniteStream(fc.nat()),
        fc.array(fc.integer({ min: 0, max: 14 * MINUTE }), { maxLength: 30 }),
        (stage, chance, instants) => {
          const detector = new Detector(stage.policy, new Map());
          const draw = (): number => chance.next().value ?? 0;
          for (const ms of [...instants].sort((a, b) => a - b)) {
            const run = stage.runs[draw() % stage.runs.length];
            if (run !== undefined) feed(detector, [run], atMs(ms));
            detector.sweep(atMs(ms));
          }
          feed(detector, stage.runs, atMs(14 * MINUTE));
          detector.keysDemoted(stage.stitcher.coarseKeys());
          detector.sweep(atMs(14 * MINUTE));
          // Long after, so that whatever was left for later has been worded anew.
          detector.sweep(atMs(15 * MINUTE));
          const gist = (found: ReturnType<typeof openOf>) =>
            found.map(({ id, verdict, runIds, sinceNs, sentence }) => ({
              id,
              verdict,
              runIds,
              sinceNs,
              sentence,
            }));
          expect(gist(openOf(detector))).toEqual(gist(judgedOnce(stage, 15 * MINUTE)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('opens a stall by time alone, and closes it when the event comes at last', () => {
    const before = staged(checkout, (begin) => void captured(begin(1)));
    const after = staged(checkout, (begin) => void reserved(begin(1), 0, 60 * SECOND));
    const detector = new Detector(before.policy, new Map());
    feed(detector, before.runs, atMs(2 * SECOND));
    expect(detector.sweep(atMs(2 * SECOND)).opened).toEqual([]);
    const opened = detector.sweep(atMs(41 * SECOND)).opened.map(({ rule }) => rule);
    expect(opened.sort()).toEqual(['missing-consumer', 'stalled-run']);
    const [stalled] = openOf(detector).filter(({ rule }) => rule === 'stalled-run');
    expect(stalled?.openedAtNs).toBe(atMs(41 * SECOND));
    expect(detector.openPromises(stalled?.runIds[0] as never)).toMatchObject([
      { what: 'stock.reserved', by: 'inventory', state: 'overdue', dueAtNs: atMs(31 * SECOND) },
    ]);
    feed(detector, after.runs, atMs(70 * SECOND));
    const changes = detector.sweep(atMs(70 * SECOND));
    expect(changes.closed.map(({ rule }) => rule).sort()).toEqual([
      'missing-consumer',
      'stalled-run',
    ]);
    expect(changes.closed.every(({ closedAtNs }) => closedAtNs === atMs(70 * SECOND))).toBe(true);
    expect(openOf(detector).map(({ rule }) => rule)).toEqual(['deadline-missed']);
  });

  test('costs nothing for what neither changed nor is due', () => {
    const stage = staged(checkout, (begin) => {
      for (let i = 1; i <= 200; i++) reserved(begin(i), i);
    });
    const detector = new Detector(stage.policy, new Map());
    feed(detector, stage.runs, atMs(MINUTE));
    detector.sweep(atMs(MINUTE));
    const startedMs = performance.now();
    for (let i = 0; i < 10_000; i++) detector.sweep(atMs(MINUTE + i));
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
