import type { Run } from '@throughline/model/run';
import { expect, test } from 'vitest';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { keyOf, runsOf, sameKey, truth } from './recording.js';

interface ServiceEdge {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

test('a day of Train Ticket orders, tied by order.id only, gives each order with all its traces', () => {
  const runs = runsOf('microservices/trainticket-orders-2023-01-30.json.gz', [
    sameKey('order.id', 'order'),
  ]);
  const told = truth<{
    runs: number;
    run_details: { 'order.id': string; traces: number; messages: number }[];
  }>('microservices/trainticket-orders-2023-01-30.truth.json');
  expect(runs.length).toBe(told.runs);
  const shown = runs.map((run) => ({
    'order.id': keyOf(run, 'order'),
    traces: run.traceIds.length,
    messages: run.messages.length,
    pattern: run.pattern,
  }));
  const expected = told.run_details.map(({ 'order.id': id, traces, messages }) => ({
    'order.id': id,
    traces,
    messages,
    // A message handed over makes an orchestrated order hybrid, however many calls surround it.
    pattern: messages > 0 ? 'hybrid' : 'orchestrated',
  }));
  expect(byOrder(shown)).toEqual(byOrder(expected));
});

test('a minute of Train Ticket gives its service edges, each request once, and five messages', () => {
  const runs = runsOf('microservices/trainticket-1139.json.gz');
  const told = truth<{ traces: number; service_edges: ServiceEdge[] }>(
    'microservices/trainticket-1139.truth.json',
  );
  expect(runs.length).toBe(told.traces);
  const calls = edgeCounts(runs, 'call');
  for (const { from, to, count } of told.service_edges) {
    // The one asynchronous edge goes through its queue: two consumer spans there are one delivery.
    if (to !== 'ts-delivery-service')
      expect([from, to, calls.get(`${from}>${to}`)]).toEqual([from, to, count]);
  }
  expect(calls.size).toBe(told.service_edges.length - 1);
  expect(edgeCounts(runs, 'send')).toEqual(new Map([['ts-food-service>food_delivery', 5]]));
  expect(edgeCounts(runs, 'take')).toEqual(new Map([['food_delivery>ts-delivery-service', 5]]));
});

test('Temporal workflows, one trace per step, come together by run id and are orchestrated', () => {
  const runs = runsOf('temporal/runs.json');
  const told = truth<{ run_details: { temporalRunID: string; status: string }[] }>(
    'temporal/runs.truth.json',
  );
  const status: Record<string, string> = {
    completed: 'completed',
    continued_as_new: 'completed',
    canceled: 'cancelled',
    open: 'active',
  };
  expect(Object.fromEntries(runs.map((run) => [keyOf(run, 'temporal-run'), run.status]))).toEqual(
    Object.fromEntries(told.run_details.map((run) => [run.temporalRunID, status[run.status]])),
  );
  expect(new Set(runs.map(({ pattern }) => pattern))).toEqual(new Set(['orchestrated']));
});

test('Step Functions executions end as AWS said, and one message is answered by nobody', () => {
  const runs = runsOf('stepfunctions/runs.json');
  const told = truth<{
    run_details: { label: string; status: string }[];
    runs_with_message_nobody_answered: string[];
  }>('stepfunctions/runs.truth.json');
  const name = (run: Run): string | undefined => keyOf(run, 'stepfunctions-execution');
  expect(Object.fromEntries(runs.map((run) => [name(run), run.status]))).toEqual(
    Object.fromEntries(
      told.run_details.map(({ label, status }) => [
        label,
        status === 'succeeded' ? 'completed' : status,
      ]),
    ),
  );
  const untaken = runs.filter((run) =>
    contributionOf(run).messages.some(({ consumers }) => consumers.length === 0),
  );
  // Events put on a bus are not meant to be answered; a send that failed left no message behind.
  expect(untaken.map(name).filter((label) => label !== 'test_put_events_base')).toEqual(
    told.runs_with_message_nobody_answered,
  );
  expect(new Set(runs.map(({ pattern }) => pattern))).toEqual(new Set(['orchestrated']));
});

test('Conductor executions keep their odd times and are three completed orchestrated runs', () => {
  const runs = runsOf('conductor/runs.json');
  expect(runs.map(({ status, pattern }) => [status, pattern])).toEqual(
    Array.from({ length: 3 }, () => ['completed', 'orchestrated']),
  );
});

test('a live RabbitMQ order flow gives twelve choreographed runs, its retries and its two dead letters', () => {
  const runs = runsOf('live/rabbitmq/spans.json.gz');
  const told = truth<{
    runs: number;
    dead_lettered_runs: string[];
    runs_with_retry: string[];
    messages_published_by_routing_key: Record<string, number>;
  }>('live/rabbitmq/truth.json');
  const names = (some: readonly Run[]): string[] =>
    some.map((run) => keyOf(run, 'correlation') ?? '').sort();
  expect(runs.length).toBe(told.runs);
  expect(new Set(runs.map(({ pattern }) => pattern))).toEqual(new Set(['choreographed']));
  const dead = runs.filter(({ messages }) => messages.some(({ deadLettered }) => deadLettered));
  expect(names(dead)).toEqual(told.dead_lettered_runs);
  const reasons = dead.flatMap(({ messages }) =>
    messages.flatMap((one) => one.deadLetter?.reason ?? []),
  );
  expect(reasons).toEqual(['rejected', 'rejected']);
  const retried = runs.filter(({ steps }) => steps.some(({ attempt }) => attempt > 1));
  expect(names(retried)).toEqual(told.runs_with_retry);
  const sent: Record<string, number> = {};
  for (const { messages } of runs) {
    for (const { type, sentBy, deadLettered } of messages) {
      if (sentBy && type && !deadLettered) sent[type] = (sent[type] ?? 0) + 1;
    }
  }
  expect(sent).toEqual(told.messages_published_by_routing_key);
});

test('agents that call each other are one orchestrated run of ten services', () => {
  const [run] = runsOf('jaeger-json/genai-agents.otlp.json');
  const told = truth<{ services: number; spans: number; service_edges: ServiceEdge[] }>(
    'jaeger-json/genai-agents.truth.json',
  );
  expect(run?.services.length).toBe(told.services);
  expect(run?.spanCount).toBe(told.spans);
  expect(run?.pattern).toBe('orchestrated');
  const calls = edgeCounts(run ? [run] : [], 'call');
  for (const { from, to, count } of told.service_edges) {
    expect([from, to, calls.get(`${from}>${to}`)]).toEqual([from, to, count]);
  }
});

test('a client and server pair that names a messaging system is a call of a microsecond, no message', () => {
  const [run] = runsOf('otlp/contrib-messaging-system-trace.json');
  expect(run?.messages).toEqual([]);
  const hops = run ? contributionOf(run).hops : [];
  expect(
    hops.map(({ kind, from, to, isError, durationMs }) => [
      kind,
      from.name,
      to.name,
      isError,
      durationMs,
    ]),
  ).toEqual([['call', 'foo-server', 'bar-requester', false, 0.001]]);
});

test.each([
  ['jaeger-json/edge/hierarchy.otlp.json', 4, 1],
  ['jaeger-json/edge/multiple-roots.otlp.json', 2, 2],
  ['jaeger-json/edge/root-missing-reference.otlp.json', 3, 1],
])('%s is one run with every span and its roots', (path, spans, roots) => {
  const [run, ...others] = runsOf(path);
  expect(others).toEqual([]);
  expect(run?.spanCount).toBe(spans);
  const caused = new Set(run?.edges.map(({ to }) => to));
  expect(run?.steps.filter(({ step }) => !caused.has(step.id)).length).toBe(roots);
});

function edgeCounts(runs: readonly Run[], kind: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const hop of contributionOf(run).hops) {
      const name = `${hop.from.name}>${hop.to.name}`;
      if (hop.kind === kind) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

function byOrder<T extends { 'order.id': string | undefined }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => ((a['order.id'] ?? '') < (b['order.id'] ?? '') ? -1 : 1));
}
