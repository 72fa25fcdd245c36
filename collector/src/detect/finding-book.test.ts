import type { Statement } from '@throughline/model/finding';
import type { FindingId, RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { beforeEach, describe, expect, it } from 'vitest';
import { FindingBook } from './finding-book.js';
import type { Judged } from './rules/judged.js';

const at = (ns: number): UnixNs => BigInt(ns) as UnixNs;
const ID = 'f_1' as FindingId;
const nobody = { by: 'ada', note: 'on it' };

function judged(
  runs: readonly string[],
  newest: number,
  overrides: Partial<Statement> = {},
): Judged {
  const runIds = runs.map((run) => run as RunId);
  return {
    members: new Set(runIds),
    newestNs: at(newest),
    statement: {
      id: ID,
      rule: 'stalled-run',
      severity: 'critical',
      sinceNs: at(100),
      subject: { kind: 'edge', id: 'e', label: 'e' },
      workflow: 'checkout',
      runIds,
      runsAffected: runs.length,
      where: 'a → b',
      verdict: 'consumer-absent',
      sentence: `${runs.length} runs`,
      evidence: [],
      next: [],
      owner: null,
      confidence: 1,
      ...overrides,
    },
  };
}

let book: FindingBook;
const state = (): string | undefined => book.all()[0]?.state;
beforeEach(() => {
  book = new FindingBook(new Map());
  book.judge('s', [judged(['r1'], 100)], at(200));
});

describe('the life of a finding', () => {
  it('begins when the rule says it, at the time from which it was true', () => {
    const { opened } = book.takeChanges();
    expect(opened).toMatchObject([{ id: ID, state: 'open', openedAtNs: at(100) }]);
    expect(book.takeChanges()).toEqual({ opened: [], changed: [], closed: [] });
  });

  it('goes on, with its beginning, while the rule says it', () => {
    book.takeChanges();
    book.judge('s', [judged(['r1', 'r2'], 150, { sinceNs: at(120) })], at(201));
    const { changed, opened } = book.takeChanges();
    expect(opened).toEqual([]);
    expect(changed).toMatchObject([{ runsAffected: 2, openedAtNs: at(100) }]);
    book.judge('s', [judged(['r1', 'r2'], 150, { sinceNs: at(120) })], at(202));
    expect(book.takeChanges().changed).toEqual([]);
  });

  it('ends when the rule no longer says it, and begins anew when it does', () => {
    book.judge('s', [], at(300));
    expect(book.all()).toMatchObject([{ state: 'closed', closedAtNs: at(300) }]);
    book.judge('s', [judged(['r3'], 400, { sinceNs: at(400) })], at(500));
    expect(book.all()).toMatchObject([{ state: 'open', openedAtNs: at(400), closedAtNs: null }]);
  });

  it('is looked after by who acknowledges it, until it ends', () => {
    book.acknowledge(ID, nobody);
    expect(book.all()).toMatchObject([{ state: 'acknowledged', note: 'ada: on it' }]);
    book.judge('s', [judged(['r1', 'r2'], 150)], at(201));
    expect(state()).toBe('acknowledged');
    book.judge('s', [], at(300));
    expect(state()).toBe('closed');
    expect(book.acknowledge(ID, nobody)?.state).toBe('closed');
    expect(book.acknowledge('f_unknown', nobody)).toBeUndefined();
  });

  it('stays closed by a person while nothing new joins, and opens again when something does', () => {
    book.close(ID, nobody, at(250));
    book.judge('s', [judged(['r1'], 100, { sentence: 'reworded' })], at(260));
    expect(state()).toBe('closed');
    book.judge('s', [judged(['r1', 'r2'], 255)], at(270));
    expect(state()).toBe('open');
  });

  it('closed by a person and then by the rule, opens again with the rule', () => {
    book.close(ID, nobody, at(250));
    book.takeChanges();
    book.judge('s', [], at(260));
    expect(book.takeChanges().closed).toEqual([]);
    book.judge('s', [judged(['r1'], 100)], at(270));
    expect(state()).toBe('open');
  });

  it('keeps quiet while snoozed, and is still open', () => {
    book.snooze(ID, { ...nobody, untilNs: at(900), untilRuns: null });
    expect(book.all()).toMatchObject([{ state: 'open', snoozedUntilNs: at(900) }]);
  });

  it('keeps quiet until it affects so many runs, and is not quiet again when fewer are', () => {
    book.snooze(ID, { ...nobody, untilNs: at(900), untilRuns: 3 });
    book.judge('s', [judged(['r1', 'r2'], 260, { runsAffected: 2 })], at(260));
    book.takeUnsaved();
    expect(book.all()).toMatchObject([{ snoozedUntilNs: at(900), snoozedUntilRuns: 3 }]);
    book.judge('s', [judged(['r1', 'r2', 'r3'], 270, { runsAffected: 3 })], at(270));
    expect(book.all()).toMatchObject([{ snoozedUntilNs: null, snoozedUntilRuns: null }]);
    expect(book.takeUnsaved().map(({ id }) => id)).toEqual([ID]);
    book.judge('s', [judged(['r1'], 280, { runsAffected: 1 })], at(280));
    expect(book.all()).toMatchObject([{ snoozedUntilNs: null, snoozedUntilRuns: null }]);
  });

  it('names its runs while it is not closed', () => {
    expect(book.ofRun('r1' as RunId, ['s']).map(({ id }) => id)).toEqual([ID]);
    book.judge('s', [judged(['r2'], 150)], at(201));
    expect(book.ofRun('r1' as RunId, ['s'])).toEqual([]);
    book.close(ID, nobody, at(250));
    expect(book.ofRun('r2' as RunId, ['s'])).toEqual([]);
  });
});

describe('after a restart', () => {
  function restarted(): FindingBook {
    const saved = book.takeUnsaved().map(({ id, value }) => [id, asJson(value)] as const);
    return new FindingBook(new Map(saved));
  }
  // The store keeps records as JSON.
  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('an acknowledgement still stands, and the finding goes on with its beginning', () => {
    book.acknowledge(ID, nobody);
    const next = restarted();
    next.judge('s', [judged(['r1'], 100, { sinceNs: at(140) })], at(400));
    next.confirm(at(400));
    expect(next.all()).toMatchObject([
      { state: 'acknowledged', note: 'ada: on it', openedAtNs: at(100) },
    ]);
    expect(next.takeChanges().opened).toEqual([]);
  });

  it('what is no longer true is closed once all facts were read', () => {
    const next = restarted();
    expect(next.all()).toMatchObject([{ state: 'open' }]);
    next.confirm(at(400));
    expect(next.all()).toMatchObject([{ state: 'closed', closedAtNs: at(400) }]);
  });

  it('what a person closed stays closed', () => {
    book.close(ID, nobody, at(250));
    const next = restarted();
    next.judge('s', [judged(['r1'], 100)], at(400));
    next.confirm(at(400));
    expect(next.all()).toMatchObject([{ state: 'closed', closedAtNs: at(250) }]);
  });

  it('a record that nobody can read is left aside', () => {
    const odd = new Map<string, unknown>([
      ['f_a', null],
      ['f_b', { finding: { sinceNs: 'soon' } }],
      ['f_c', 'text'],
    ]);
    expect(new FindingBook(odd).all()).toEqual([]);
  });
});
