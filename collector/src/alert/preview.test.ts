import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertCause } from '@throughline/model/alert';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { step, type Life, type Timing } from './alert-state.js';
import { FindingHistory } from './finding-history.js';
import { preview } from './preview.js';

const START = 1_767_603_600_000_000_000n;
const ANY = { rule: null, workflow: null, service: null, severity: null };

function at(seconds: number): UnixNs {
  return (START + nsFromMs(seconds * 1_000)) as UnixNs;
}

function finding(id: string, openedS: number, closedS: number | null = null): AlertCause {
  return {
    id,
    rule: 'stalled-run',
    severity: 'critical',
    workflow: 'order',
    subject: { kind: 'edge', id, label: id },
    where: `payment.captured → ${id}`,
    sentence: `${id} stands still`,
    owner: null,
    state: closedS === null ? 'open' : 'closed',
    openedAtNs: at(openedS),
    closedAtNs: closedS === null ? null : at(closedS),
    runsAffected: 3,
  } as unknown as AlertCause;
}

/** Held from each first second up to, not including, the second one. */
type Spell = readonly [number, number];

function historyOf(spells: readonly Spell[], seconds: number): FindingHistory {
  const history = new FindingHistory(new Map());
  for (let second = 0; second <= seconds; second += 1) {
    const held = spells.find(([from, to]) => second >= from && second < to);
    const past = spells.filter(([, to]) => to <= second).at(-1);
    if (held !== undefined) history.observe([finding('stock', held[0])], at(second));
    else if (past !== undefined) history.observe([finding('stock', ...past)], at(second));
    else history.observe([], at(second));
  }
  return history;
}

/** What the real thing tells, stepped every second. */
function toldFor(spells: readonly Spell[], timing: Timing, seconds: number) {
  const told: { atS: number; tells: string }[] = [];
  let life: Life | null = null;
  for (let second = 0; second <= seconds; second += 1) {
    const held = spells.find(([from, to]) => second >= from && second < to);
    const sinceNs = at(held?.[0] ?? second);
    const seen = { holds: held !== undefined, sinceNs, isMuted: false, now: at(second) };
    const next = step(life, seen, timing);
    life = next.life;
    if (next.tells !== null) told.push({ atS: second, tells: next.tells });
  }
  return told;
}

describe('a preview', () => {
  it('says when a route would have told of what, and what was over too soon', () => {
    const spells: Spell[] = [
      [100, 130],
      [4_000, 4_300],
      [9_000, 9_400],
      [20_000, 21_000],
    ];
    const history = historyOf(spells, 22_000);
    const window = { fromNs: at(0), now: at(22_000) };
    const route = { match: { ...ANY, rule: 'stalled-run' as const }, forMs: 60_000, repeatMs: 0 };
    const { firings, tooShort } = preview(history.episodes(), route, window);
    expect(firings.map(({ firedAtNs }) => firedAtNs)).toEqual([4_060, 9_060, 20_060].map(at));
    expect(firings.map(({ resolvedAtNs }) => resolvedAtNs)).toEqual([4_300, 9_400, 21_000].map(at));
    expect(firings[0]?.finding.sentence).toBe('stock stands still');
    expect(tooShort).toBe(1);
    const late = preview(history.episodes(), route, { fromNs: at(10_000), now: at(22_000) });
    expect(late.firings).toHaveLength(1);
    const other = { ...route, match: { ...ANY, workflow: 'billing' } };
    expect(preview(history.episodes(), other, window)).toEqual({ firings: [], tooShort: 0 });
  });

  it('tells what the real thing tells, flapping and repetitions included', () => {
    const spell = fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 400 }));
    const timing = fc.record({
      forMs: fc.constantFrom(0, 30_000, 120_000),
      repeatMs: fc.constantFrom(0, 100_000),
    });
    fc.assert(
      fc.property(fc.array(spell, { maxLength: 8 }), timing, (lengths, route) => {
        let second = 0;
        const spells = lengths.map(([pause, length]): Spell => {
          const from = second + pause;
          second = from + length;
          return [from, second];
        });
        const end = second + 1_200;
        const told = toldFor(spells, route, end);
        const history = historyOf(spells, end);
        const { firings } = preview(
          history.episodes(),
          { match: ANY, ...route },
          { fromNs: at(0), now: at(end) },
        );
        const resolved = told.filter(({ tells }) => tells === 'resolved').map(({ atS }) => at(atS));
        expect(firings.map(({ resolvedAtNs }) => resolvedAtNs)).toEqual(resolved);
        const notices = firings.reduce((sum, { repeats }) => sum + 1 + repeats, 0);
        expect(notices).toBe(told.length - resolved.length);
        expect(firings[0]?.firedAtNs).toBe(told[0] === undefined ? undefined : at(told[0].atS));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the history of findings', () => {
  it('is the same after a restart, and says how far it reaches', () => {
    const history = historyOf(
      [
        [10, 20],
        [30, 40],
        [50, 90],
      ],
      60,
    );
    const saved = new Map(history.takeUnsaved().map(({ id, value }) => [id, value]));
    const json = JSON.parse(JSON.stringify([...saved])) as [string, unknown][];
    const again = new FindingHistory(new Map(json));
    expect([...again.episodes()]).toEqual([...history.episodes()]);
    expect([...again.episodes()]).toHaveLength(3);
    expect(again.fromNs).toBe(at(0));
    expect(again.takeUnsaved()).toEqual([]);
    again.observe([finding('stock', 50)], at(61));
    expect([...again.episodes()]).toHaveLength(3);
  });

  it('ends what was forgotten, and knows what came and went between two looks', () => {
    const history = new FindingHistory(new Map());
    history.observe([finding('a', 0)], at(0));
    history.observe([finding('b', 2, 3)], at(5));
    history.observe([finding('b', 2, 3)], at(6));
    expect([...history.episodes()].map(({ endedAtNs }) => endedAtNs)).toEqual([at(5), at(3)]);
  });

  it('is bounded, and then reaches back less far', () => {
    const history = new FindingHistory(new Map());
    const many = Array.from({ length: 5_010 }, (_, number) => finding(`f${number}`, 0));
    history.observe(many, at(1));
    history.observe([], at(100));
    history.observe([], at(101));
    expect([...history.episodes()]).toHaveLength(5_000);
    expect(history.fromNs).toBe(at(100));
  });
});
