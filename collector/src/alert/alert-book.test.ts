import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertCause } from '@throughline/model/alert';
import type { AlertFindingView } from '@throughline/model/api/alerts';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import { AlertBook } from './alert-book.js';
import type { AlertRecord, NoticeKind } from './alert-record.js';
import type { Route } from './route.js';

const START = 1_767_603_600_000_000_000n;
const SECOND_MS = 1_000;

const route: Route = {
  match: { rule: null, workflow: null, service: null, severity: null },
  receiver: 'team',
  forMs: 0,
  repeatMs: 0,
  groupBy: [],
  groupIntervalMs: 30_000,
};

interface Heard {
  readonly kind: NoticeKind;
  readonly envelope: string;
  readonly findingId: string;
  readonly dedupKey: string;
}

/** Alerts over a world of findings, a receiver that takes, refuses or is cut off, and a process that dies. */
class World {
  readonly heard: Heard[] = [];
  readonly open = new Map<string, AlertCause>();
  now = START as UnixNs;
  receiver: 'takes' | 'refuses' | 'cut off' = 'takes';
  isSilenced = false;
  readonly timing: Partial<Route>;
  #disk = new Map<string, unknown>();
  #book: AlertBook;

  constructor(timing: Partial<Route> = {}) {
    this.timing = timing;
    this.#book = this.#start();
  }

  records(): readonly AlertRecord[] {
    return this.#book.all();
  }

  closedBy(records: readonly AlertRecord[]): readonly string[] {
    return this.#book.closedBy(records);
  }

  pass(seconds: number): void {
    this.now = (this.now + nsFromMs(seconds * SECOND_MS)) as UnixNs;
    this.#sweep();
  }

  /** Dies between what is durable and what is not, and starts again. */
  restart(): void {
    this.#book = this.#start();
    this.#sweep();
  }

  set(id: string, change: Partial<AlertCause> | null): void {
    if (change === null) this.open.delete(id);
    else this.open.set(id, { ...(this.open.get(id) ?? opened(id, this.now)), ...change });
  }

  /** Everything is gone and everybody listens, for as long as it takes. */
  settle(): void {
    this.open.clear();
    this.receiver = 'takes';
    this.isSilenced = false;
    for (let hour = 0; hour < 30; hour += 1) this.pass(3_600);
  }

  #start(): AlertBook {
    const saved = new Map(JSON.parse(JSON.stringify([...this.#disk])) as [string, unknown][]);
    const viewOf = ({ id }: AlertCause) => ({ id }) as AlertFindingView;
    const routes = [{ ...route, ...this.timing }];
    return new AlertBook({ routes, receivers: new Set(['team']), viewOf, saved });
  }

  #sweep(): void {
    const { now } = this;
    const isSilenced = (): boolean => this.isSilenced;
    this.#book.evaluate({ findings: [...this.open.values()], isComplete: true, isSilenced, now });
    for (;;) {
      this.#save();
      const due = this.#book.due('team', now, (id) => !this.#book.isUnsaved(id));
      if (due === undefined) return;
      const isTaken = this.receiver !== 'refuses';
      if (isTaken) {
        for (const { dedupKey, finding, waiting } of due.records) {
          const kind = waiting[0]?.kind ?? 'firing';
          this.heard.push({ kind, envelope: due.envelope.id, findingId: finding.id, dedupKey });
        }
      }
      if (this.receiver === 'takes') {
        this.#book.delivered(due, now);
        this.#book.pace(now);
      } else {
        const failure = { error: 'no', retryAfterMs: null, now, chance: 0.5 };
        this.#book.failed(due, failure);
      }
    }
  }

  #save(): void {
    for (const { id, value } of this.#book.takeUnsaved()) {
      if (value === null) this.#disk.delete(id);
      else this.#disk.set(id, value);
    }
  }
}

function opened(id: string, openedAtNs: UnixNs): AlertCause {
  return {
    id,
    rule: 'stalled-run',
    state: 'open',
    openedAtNs,
    runsAffected: 1,
    snoozedUntilNs: null,
    snoozedUntilRuns: null,
  } as unknown as AlertCause;
}

const id = fc.constantFrom('a', 'b', 'c');
type Act = (world: World) => void;
const act = fc.oneof(
  id.map(
    (each): Act =>
      (world) =>
        world.set(each, {}),
  ),
  id.map(
    (each): Act =>
      (world) =>
        world.set(each, null),
  ),
  id.map(
    (each): Act =>
      (world) =>
        world.set(each, { state: 'acknowledged' }),
  ),
  fc.tuple(id, fc.integer({ min: 1, max: 900 })).map(([each, seconds]): Act => (world) => {
    world.set(each, { snoozedUntilNs: (world.now + nsFromMs(seconds * SECOND_MS)) as UnixNs });
  }),
  id.map(
    (each): Act =>
      (world) =>
        world.set(each, { snoozedUntilRuns: 50 }),
  ),
  id.map(
    (each): Act =>
      (world) =>
        world.set(each, { runsAffected: 60, snoozedUntilRuns: null }),
  ),
  fc.boolean().map((isSilenced): Act => (world) => {
    world.isSilenced = isSilenced;
  }),
  fc.constantFrom('takes', 'refuses', 'cut off').map((receiver): Act => (world) => {
    world.receiver = receiver as World['receiver'];
  }),
  fc.constant<Act>((world) => world.restart()),
  fc.integer({ min: 1, max: 4_000 }).map(
    (seconds): Act =>
      (world) =>
        world.pass(seconds),
  ),
  fc.integer({ min: 1, max: 5 }).map(
    (seconds): Act =>
      (world) =>
        world.pass(seconds),
  ),
);
const timing = fc.record({
  forMs: fc.constantFrom(0, 60_000),
  repeatMs: fc.constantFrom(0, 600_000),
});

describe('alerts, whatever findings, people, receivers and the machine do', () => {
  it('are never told as over before they were told, each under one key, and in the end all are over', () => {
    let episodes = 0;
    fc.assert(
      fc.property(fc.array(act, { minLength: 15, maxLength: 60 }), timing, (acts, times) => {
        const world = new World(times);
        const findingOf = new Map<string, string>();
        for (const each of acts) {
          each(world);
          world.pass(1);
        }
        const fired = new Set(
          world
            .records()
            .filter(({ life }) => life.toldAtNs !== null)
            .map(({ dedupKey }) => dedupKey),
        );
        world.settle();
        const isOpen = new Map<string, boolean>();
        for (const { kind, dedupKey, findingId } of world.heard) {
          if (kind === 'resolved') expect(isOpen.has(dedupKey)).toBe(true);
          isOpen.set(dedupKey, kind === 'firing');
          expect(findingOf.get(dedupKey) ?? findingId).toBe(findingId);
          findingOf.set(dedupKey, findingId);
        }
        for (const dedupKey of fired) expect(isOpen.has(dedupKey)).toBe(true);
        expect([...isOpen.values()]).not.toContain(true);
        expect(world.records().every(({ waiting }) => waiting.length === 0)).toBe(true);
        episodes += isOpen.size;
      }),
      { numRuns: 1_000 },
    );
    expect(episodes).toBeGreaterThan(500);
  });

  it('that were taken and whose receipt was lost come again under the same id', () => {
    const world = new World();
    world.receiver = 'cut off';
    world.set('a', {});
    world.pass(1);
    world.restart();
    world.receiver = 'takes';
    world.pass(10);
    expect(world.heard.map(({ kind }) => kind)).toEqual(['firing', 'firing']);
    expect(new Set(world.heard.map(({ envelope }) => envelope)).size).toBe(1);
  });

  it('are told at once when a snooze is over by its count or its time, though no repetition is due', () => {
    const world = new World();
    const kinds = (): string[] => world.heard.map(({ kind }) => kind);
    world.set('a', {});
    world.pass(1);
    world.set('a', { snoozedUntilRuns: 50 });
    world.pass(3_600);
    expect(kinds()).toEqual(['firing']);
    expect(world.records()[0]?.mutedBy).toBe('snoozed');
    world.restart();
    world.set('a', { runsAffected: 50, snoozedUntilRuns: null });
    world.pass(1);
    world.pass(1);
    expect(kinds()).toEqual(['firing', 'firing']);
    world.set('a', { snoozedUntilNs: (world.now + nsFromMs(60_000)) as UnixNs });
    world.pass(59);
    expect(kinds()).toHaveLength(2);
    world.pass(1);
    expect(kinds()).toHaveLength(3);
    expect(new Set(world.heard.map(({ dedupKey }) => dedupKey)).size).toBe(1);
  });

  it('are tried again after longer and longer, at most an hour, and given up after a day', () => {
    const world = new World();
    world.receiver = 'refuses';
    world.set('a', {});
    const triedAtS: number[] = [];
    let attempts = 0;
    for (let second = 0; second <= 90_000; second += 1) {
      world.pass(1);
      const now = world.records()[0]?.waiting[0]?.attempts ?? attempts + 1;
      if (now > attempts) triedAtS.push(second);
      attempts = now;
      if (world.records()[0]?.waiting.length === 0) break;
    }
    const waits = triedAtS.slice(1).map((at, index) => at - (triedAtS[index] ?? 0));
    // Three quarters of 2, 4, 8 … s, since chance is a half; then of an hour.
    expect(waits.slice(0, 6)).toEqual([2, 3, 6, 12, 24, 48]);
    expect(Math.max(...waits)).toBe(2_700);
    expect(triedAtS.at(-1)).toBeGreaterThanOrEqual(86_400);
    expect(triedAtS.at(-1)).toBeLessThan(86_400 + 2_700);
    expect(world.records()[0]?.deliveries).toMatchObject([{ outcome: 'gave-up', error: 'no' }]);
  });
});

describe('a storm of alerts', () => {
  it('is told a few at once and then in bundles, none is left out, and each is over under its key', () => {
    const world = new World({ repeatMs: 14_400_000 });
    for (let second = 0; second < 60; second += 1) {
      for (let n = 0; n < 167; n += 1) world.set(`f${String(second)}.${String(n)}`, {});
      world.pass(1);
    }
    world.pass(30);
    const firing = world.heard.filter(({ kind }) => kind === 'firing');
    expect(new Set(firing.map(({ findingId }) => findingId)).size).toBe(60 * 167);
    expect(firing).toHaveLength(60 * 167);
    const envelopes = new Set(firing.map(({ envelope }) => envelope));
    expect(envelopes.size).toBeLessThanOrEqual(10);
    const told = world.records().flatMap(({ toldAs }) => toldAs);
    expect(new Set(told.filter((key) => key.startsWith('g_'))).size).toBe(1);

    world.open.clear();
    world.pass(1);
    world.pass(31);
    const resolved = world.heard.filter(({ kind }) => kind === 'resolved');
    expect(new Set(resolved.map(({ dedupKey }) => dedupKey))).toEqual(
      new Set(firing.map(({ dedupKey }) => dedupKey)),
    );
    expect(new Set(resolved.map(({ envelope }) => envelope)).size).toBeLessThanOrEqual(10);
  });

  it('that a restart interrupts comes again in the same bundle', () => {
    const world = new World();
    world.receiver = 'cut off';
    for (let n = 0; n < 20; n += 1) world.set(`f${String(n)}`, {});
    world.pass(1);
    world.restart();
    world.receiver = 'takes';
    world.pass(10);
    expect(world.heard).toHaveLength(40);
    expect(new Set(world.heard.map(({ envelope }) => envelope)).size).toBe(1);
  });

  it('is one incident, which is over when the last of its alerts is', () => {
    const world = new World();
    for (let n = 0; n <= LIMITS.alertsAloneMax; n += 1) world.set(`f${String(n)}`, {});
    world.pass(1);
    const all = world.records();
    const [key = ''] = all[0]?.toldAs ?? [];
    expect(key).toMatch(/^g_/);
    world.open.delete('f0');
    world.pass(1);
    const closedBy = (): readonly string[] => world.closedBy(world.records());
    expect(closedBy()).toEqual([]);
    world.open.clear();
    world.pass(1);
    expect(closedBy()).toEqual([key]);
  });

  it('of others does not hold back what belongs to another group', () => {
    const world = new World({ groupBy: ['rule'] });
    for (let n = 0; n < 50; n += 1) world.set(`f${String(n)}`, {});
    world.pass(1);
    world.set('late', { rule: 'failed-run' });
    world.set('f50', {});
    world.pass(1);
    expect(world.heard.map(({ findingId }) => findingId)).toContain('late');
    expect(world.heard.map(({ findingId }) => findingId)).not.toContain('f50');
    world.pass(30);
    expect(world.heard.map(({ findingId }) => findingId)).toContain('f50');
  });
});
