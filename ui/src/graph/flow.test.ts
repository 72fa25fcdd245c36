import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EdgeView, StepView } from '@throughline/model/api/runs';
import { flowGraph, type FlowRun } from './flow.js';
import { groupFlow } from './group-flow.js';
import { placeFlow } from './place-flow.js';
import { rankFlow } from './rank-flow.js';

/** Makes runs: what is not said has its plainest value. */
function sampleStep(id: string, change: Partial<StepView> = {}): StepView {
  const startedAt = change.startedAt ?? '2026-11-21T10:00:00.000Z';
  return {
    id,
    service: 'orders',
    serviceVersion: null,
    instance: null,
    name: id,
    kind: change.role ?? 'work',
    role: 'work',
    status: 'ok',
    error: null,
    attempt: 1,
    endedAt: startedAt,
    rawStartedAt: null,
    durationMs: 0,
    waitMs: null,
    timeIsSuspect: false,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentId: null,
    spanIds: [id],
    messageId: null,
    why: { by: 'trace' },
    compensates: null,
    outcome: null,
    skippedReason: null,
    actor: null,
    peer: null,
    attributes: {},
    ...change,
    startedAt,
  };
}

function sampleEdge(from: string, to: string, kind: EdgeView['kind']): EdgeView {
  return { from, to, kind, evidence: kind === 'message' ? 'link' : 'parent', confidence: 1 };
}

function sampleRun(change: Partial<FlowRun>): FlowRun {
  return {
    steps: [],
    messages: [],
    edges: [],
    promises: [],
    pattern: null,
    status: 'active',
    ...change,
  };
}

const at = (ms: number) => new Date(Date.UTC(2026, 10, 21, 10) + ms).toISOString();
const step = (id: string, from: number, to: number, change = {}) =>
  sampleStep(id, { startedAt: at(from), endedAt: at(to), ...change });

/** A conductor that calls `payments`, then `stock`, each with the client half of the call. */
const conducted = sampleRun({
  pattern: 'orchestrated',
  steps: [
    step('intake', 0, 100, { service: 'intake', role: 'serve' }),
    step('call-1', 1, 40, { service: 'intake', role: 'call', parentId: 'intake' }),
    step('charge', 2, 39, { service: 'payments', role: 'serve', parentId: 'call-1' }),
    step('sql', 3, 30, { service: 'payments', role: 'work', parentId: 'charge' }),
    step('call-2', 50, 90, { service: 'intake', role: 'call', parentId: 'intake' }),
    step('reserve', 51, 89, { service: 'stock', role: 'serve', parentId: 'call-2' }),
  ],
  edges: [
    sampleEdge('intake', 'call-1', 'follows'),
    sampleEdge('call-1', 'charge', 'call'),
    sampleEdge('charge', 'sql', 'follows'),
    sampleEdge('intake', 'call-2', 'follows'),
    sampleEdge('call-2', 'reserve', 'call'),
  ],
});

describe('the flow of a run', () => {
  it('shows a call once, at the service that answers it, and keeps the inner steps at hand', () => {
    const graph = flowGraph(conducted, false);
    expect(graph.nodes.map(({ id }) => id)).toEqual(['intake', 'charge', 'reserve']);
    expect(graph.nodes[1]?.inner.map(({ id }) => id)).toEqual(['sql']);
    expect(graph.conductor).toBe('intake');
  });

  it('loses no step: each is shown or stands in for another, whatever the data', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const id = fc.constantFrom(...ids);
    const role = fc.constantFrom('work', 'call', 'serve', 'send', 'take', 'settle', 'fetch');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(id, id), { maxLength: 12 }),
        fc.array(fc.tuple(role, fc.option(id)), { minLength: 6, maxLength: 6 }),
        (links, looks) => {
          const steps = ids.map((one, index) => {
            const [own, parentId] = looks[index] ?? ['work', null];
            return sampleStep(one, { role: own as 'work', parentId });
          });
          const run = sampleRun({
            steps,
            edges: links.map(([a, b]) => sampleEdge(a, b, 'follows')),
          });
          const graph = flowGraph(run, false);
          const shown = graph.nodes.flatMap((node) => [
            node.id,
            ...node.inner.map((one) => one.id),
          ]);
          expect(shown.sort()).toEqual(ids);
          expect(placeFlow(graph).places.size).toBe(graph.nodes.length);
        },
      ),
    );
  });

  it('puts the calls of a conductor in the order in which they were made', () => {
    const ranks = rankFlow(flowGraph(conducted, false));
    expect(ranks.get('charge')).toBe(1);
    expect(ranks.get('reserve')).toBe(2);
  });

  it('puts every effect right of its cause', () => {
    const graph = flowGraph(conducted, true);
    const ranks = rankFlow(graph);
    for (const { from, to } of graph.edges) {
      expect(ranks.get(to)).toBeGreaterThan(ranks.get(from) ?? Infinity);
    }
  });

  it('draws what is overdue as a ghost in the lane of who should act, and rings what it waits after', () => {
    const run = sampleRun({
      steps: [step('capture', 0, 10, { service: 'payments', role: 'send' })],
      promises: [
        {
          what: 'takes payment.captured',
          after: 'payment.captured',
          afterStep: 'capture',
          by: 'inventory',
          openedAt: at(10),
          dueAt: at(30_000),
          origin: 'declared',
          sampleCount: 0,
          businessMs: null,
          condition: null,
          state: 'overdue',
        },
      ],
    });
    const graph = flowGraph(run, false);
    expect([...graph.frontier]).toEqual(['capture']);
    expect(placeFlow(graph).lanes.map(({ name }) => name)).toEqual(['payments', 'inventory']);
    expect(graph.nodes.at(-1)?.promise?.by).toBe('inventory');
  });

  it('is drawn by groups when it is large, and counts every step', () => {
    const steps = Array.from({ length: 5000 }, (_, index) =>
      step(`s${String(index)}`, index, index + 1, {
        service: `svc-${String(index % 5)}`,
        role: 'take',
        name: 'take order',
      }),
    );
    const startedAt = performance.now();
    const grouped = groupFlow(flowGraph(sampleRun({ steps }), false));
    expect(grouped.groups.map(({ nodes }) => nodes.length)).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });
});
