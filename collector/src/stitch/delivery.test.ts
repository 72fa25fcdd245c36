import { domainStep, spanNumber, traceNumber } from '@throughline/fixtures/build/domain-step';
import type { DomainStepOptions } from '@throughline/fixtures/build/domain-step';
import type { Run } from '@throughline/model/run';
import type { StepLink } from '@throughline/model/step';
import { describe, expect, test } from 'vitest';
import { contributionOf } from './contribution.js';
import { Stitcher } from './stitch.js';

const KEYS = [{ type: 'order', value: '1', relation: 'same' }] as const;
const link = (trace: number, span: number, messageId: string | null = null): StepLink => ({
  traceId: traceNumber(trace),
  spanId: spanNumber(span),
  messageId,
  destination: null,
});

/** The only run that the steps make. */
function runOf(...steps: readonly DomainStepOptions[]): Run {
  const stitcher = new Stitcher({ keyPartnersMax: 20, flows: [] });
  stitcher.add(steps.map(domainStep), 1);
  const runs = stitcher.takeChanges().changed.map((id) => stitcher.run(id) as Run);
  expect(runs).toHaveLength(1);
  return runs[0] as Run;
}

/** Per message: how many steps took it. Per movement: how often it was. */
function told(run: Run): { readonly takings: number[]; readonly hops: Record<string, number> } {
  const hops: Record<string, number> = {};
  for (const { kind, from, to } of contributionOf(run).hops) {
    const name = `${from.name} ${kind} ${to.name}`;
    hops[name] = (hops[name] ?? 0) + 1;
  }
  return { takings: run.messages.map(({ takenBy }) => takenBy.length), hops };
}

const send = (span: number, more: Partial<DomainStepOptions> = {}): DomainStepOptions => ({
  trace: 1,
  span,
  role: 'send',
  message: {},
  ...more,
});
const take = (span: number, more: Partial<DomainStepOptions> = {}): DomainStepOptions => ({
  trace: 1,
  span,
  role: 'take',
  service: 'stock',
  message: {},
  atMs: 10,
  ...more,
});

describe('a receive span with a process span below it', () => {
  test('is one delivery of one message', () => {
    const run = runOf(send(1), take(2, { parent: 1 }), take(3, { parent: 2, atMs: 11 }));
    expect(told(run)).toEqual({
      takings: [2],
      hops: { 'shop send orders': 1, 'orders take stock': 1 },
    });
    expect(run.edges.map(({ kind }) => kind)).toEqual(['message', 'follows']);
  });

  test('is one delivery also when nobody reported the sending', () => {
    const run = runOf(take(2), take(3, { parent: 2, atMs: 11 }));
    expect(told(run)).toEqual({ takings: [2], hops: { 'orders take stock': 1 } });
  });

  test('is no reading of another message that waits in the same destination', () => {
    const run = runOf(
      send(1, { keys: KEYS }),
      send(9, { parent: 1, atMs: 2 }),
      take(2, { parent: 1 }),
      take(3, { parent: 2, atMs: 11 }),
    );
    expect(told(run).takings.sort()).toEqual([0, 2]);
  });

  test('of another message is a delivery of its own', () => {
    const run = runOf(
      send(1),
      take(2, { parent: 1, message: { messageId: 'a' } }),
      take(3, { parent: 2, atMs: 11, message: { messageId: 'b' } }),
    );
    expect(told(run).takings).toEqual([1, 1]);
  });
});

test('messages that one span of a batch sent are told apart by the ids that their takings know', () => {
  const run = runOf(
    send(1),
    ...['a', 'b', 'c'].map((messageId, index) =>
      take(2, {
        trace: index + 2,
        atMs: 10 + index,
        links: [link(1, 1)],
        message: { messageId },
      }),
    ),
  );
  expect(told(run).hops).toEqual({ 'shop send orders': 1, 'orders take stock': 3 });
});

test('links to and fro, as Google’s client sets them, do not lead a taking away from its message', () => {
  const run = runOf(
    send(1, { trace: 2, links: [link(3, 1)] }),
    { trace: 3, span: 1, name: 'the request that carries it', links: [link(2, 1)] },
    take(2, { trace: 2, parent: 1, links: [link(1, 1)] }),
    take(1, { role: 'settle', atMs: 20, links: [link(2, 2)] }),
  );
  expect(run.edges.map(({ kind }) => kind)).toEqual(['follows', 'message', 'follows']);
});

test('below the message that it takes, a link to its surroundings leads nowhere', () => {
  const stitcher = new Stitcher({ keyPartnersMax: 20, flows: [] });
  const steps = [
    send(1),
    take(2, { parent: 1, links: [link(2, 1)] }),
    { trace: 2, span: 1, service: 'stock', name: 'listen' },
  ];
  stitcher.add(steps.map(domainStep), 1);
  const runs = stitcher.takeChanges().changed.map((id) => stitcher.run(id));
  expect(runs.map((run) => run?.spanCount).sort()).toEqual([1, 2]);
});

describe('a message that was refused', () => {
  const refused = take(2, {
    parent: 1,
    message: {
      subscription: 'stock.q',
      deadLettered: { reason: 'rejected', source: 'stock.q', detail: null },
    },
  });

  test('lies in the dead letters of the queue that refused it', () => {
    expect(told(runOf(send(1), refused)).hops).toEqual({
      'shop send orders': 1,
      'orders take stock': 1,
      'orders dead-letter stock.q dead letters': 1,
    });
  });

  test('lies, and is taken, where somebody took it from afterwards', () => {
    const worked = take(3, {
      parent: 1,
      service: 'clerk',
      atMs: 30,
      message: { destination: 'stock.dlq', isDeadLetterDestination: true },
    });
    expect(told(runOf(send(1), refused, worked)).hops).toEqual({
      'shop send orders': 1,
      'orders take stock': 1,
      'orders dead-letter stock.dlq': 1,
      'stock.dlq take clerk': 1,
    });
  });
});

describe('sends and takings that only a key ties', () => {
  const keyed = { keys: KEYS };

  test('are matched one to one per reader', () => {
    const run = runOf(
      send(1, keyed),
      send(2, { ...keyed, trace: 2, atMs: 1 }),
      take(1, { ...keyed, trace: 3 }),
      take(1, { ...keyed, trace: 4, atMs: 12 }),
    );
    expect(told(run).takings).toEqual([1, 1]);
  });

  test('are matched across clocks that differ, with less confidence', () => {
    const run = runOf(send(1, { ...keyed, atMs: 3_000 }), take(1, { ...keyed, trace: 3, atMs: 0 }));
    expect(run.edges).toMatchObject([{ kind: 'message', evidence: 'inferred', confidence: 0.4 }]);
  });

  test.each([
    ['within one service, which has one clock', { service: 'shop' }, 3_000],
    ['further apart than clocks are', {}, 11_000],
  ])('are not matched backwards %s', (_, taker, atMs) => {
    const run = runOf(
      send(1, { ...keyed, atMs }),
      take(1, { ...keyed, trace: 3, atMs: 0, ...taker }),
    );
    expect(run.edges).toEqual([]);
  });
});

describe('tries below one call', () => {
  const call = { trace: 1, span: 1, role: 'call', lengthMs: 50 } as const;
  const serve = (span: number, status: 'ok' | 'error'): DomainStepOptions => ({
    trace: 1,
    span,
    parent: 1,
    role: 'serve',
    service: 'stock',
    atMs: span,
    status,
  });
  const errorsOf = (run: Run): number =>
    contributionOf(run).hops.filter(({ isError }) => isError).length;

  test('failed or went well each by itself', () => {
    expect(errorsOf(runOf(call, serve(2, 'error'), serve(3, 'ok')))).toBe(1);
    expect(errorsOf(runOf({ ...call, status: 'error' }, serve(2, 'error'), serve(3, 'ok')))).toBe(
      1,
    );
  });

  test('a single one failed when either side says so', () => {
    expect(errorsOf(runOf({ ...call, status: 'error' }, serve(2, 'ok')))).toBe(1);
    expect(errorsOf(runOf(call, serve(2, 'error')))).toBe(1);
  });
});
