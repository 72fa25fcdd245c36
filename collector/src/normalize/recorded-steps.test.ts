import { describe, expect, test } from 'vitest';
import { recordedBody, recordedJson } from '@throughline/fixtures/recorded-input';
import type { KeyRule } from '@throughline/model/key';
import type { Step } from '@throughline/model/step';
import { decode } from '../decode/decode.js';
import type { BodyFormat } from '../wire.js';
import { normalize } from './normalize.js';

function stepsOf(
  path: string,
  format: BodyFormat = 'otlp-json',
  rules: readonly KeyRule[] = [],
): readonly Step[] {
  const { spans, rejected } = decode(format, recordedBody(path));
  expect(rejected).toEqual([]);
  return spans.map((span) => normalize(span, rules));
}

function countBy<T>(all: readonly T[], name: (each: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of all) counts[name(each)] = (counts[name(each)] ?? 0) + 1;
  return counts;
}

const valuesOf = (steps: readonly Step[], type: string, relation = 'same') =>
  new Set(
    steps.flatMap((step) =>
      step.keys
        .filter((key) => key.type === type && key.relation === relation)
        .map((key) => key.value),
    ),
  );

describe('the recorded RabbitMQ order flow', () => {
  interface Truth {
    readonly runs: number;
    readonly rejections: number;
    readonly messages_published_by_routing_key: Readonly<Record<string, number>>;
    readonly consumer_spans_with_x_death: number;
    readonly dead_lettered_runs: readonly string[];
    readonly spans: {
      readonly error_spans: number;
      readonly messaging: { readonly destinations: object };
    };
  }
  const truth = recordedJson('live/rabbitmq/truth.json') as Truth;
  const steps = stepsOf('live/rabbitmq/spans.json.gz');
  const sends = steps.filter((step) => step.role === 'send');
  const takes = steps.filter((step) => step.role === 'take');
  const isDeadLetter = (step: Step) => step.message?.isDeadLetterDestination === true;

  test('has a run per correlation id', () => {
    expect(valuesOf(steps, 'correlation').size).toBe(truth.runs);
  });

  test('has the messages of its truth, by type and destination', () => {
    const published = sends.filter((step) => !isDeadLetter(step));
    expect(countBy(published, (step) => String(step.message?.type))).toEqual(
      truth.messages_published_by_routing_key,
    );
    expect(countBy([...sends, ...takes], (step) => String(step.message?.destination))).toEqual(
      truth.spans.messaging.destinations,
    );
    expect(countBy(steps, (step) => step.message?.kind ?? 'none')).toEqual({
      event: 122,
      none: 12,
    });
  });

  test('shows the queue of every consumer and the rejections', () => {
    expect(new Set(takes.map((step) => step.message?.subscription))).toEqual(
      new Set(['mail', 'payments', 'refunds', 'shipping', 'stock']),
    );
    const aside = takes.filter((step) => step.message?.deadLettered);
    expect(aside).toHaveLength(truth.rejections);
    expect(aside[0]?.message?.deadLettered).toMatchObject({ reason: 'rejected', source: 'orders' });
    expect(steps.filter((step) => step.status === 'error')).toHaveLength(truth.spans.error_spans);
  });

  test('counts the deliveries that x-death tells of, and keeps type and first cause', () => {
    const again = takes.filter((step) => step.attempt !== null);
    expect(again).toHaveLength(truth.consumer_spans_with_x_death);
    // Four runs were rejected once or more, two of them twice.
    expect(countBy(again, (step) => String(step.attempt))).toEqual({ 2: 4, 3: 2 });
    for (const step of again) {
      expect(step.message).toMatchObject({
        type: 'order.placed',
        deadLetter: { reason: 'rejected', source: 'payments' },
      });
    }
  });

  test('says which runs ended among dead letters', () => {
    const buried = sends.filter(isDeadLetter);
    expect([...valuesOf(buried, 'correlation')].sort()).toEqual(truth.dead_lettered_runs);
  });
});

describe('recorded engines', () => {
  test('Temporal: a run per run id, calls directed by the engine, outcomes as recorded', () => {
    const steps = stepsOf('temporal/runs.json');
    expect(valuesOf(steps, 'temporal-run').size).toBe(15);
    expect(valuesOf(steps, 'temporal-workflow', 'touches').size).toBeGreaterThan(10);
    expect(steps.every((step) => step.message === null)).toBe(true);
    const outcomes = countBy(
      steps.filter((step) => step.outcome),
      (step) => String(step.outcome),
    );
    expect(outcomes).toEqual({ completed: 13, cancelled: 1 });
    expect(steps.some((step) => step.declaredKind === 'timer')).toBe(true);
    expect(
      steps
        .filter((step) => step.timeIsSuspect)
        .every((step) => step.startedAtNs === step.endedAtNs),
    ).toBe(true);
    const types = new Set(steps.flatMap((step) => step.workflow?.name ?? []));
    expect(types.has('CancelTimerAfterActivity')).toBe(true);
    expect(types.has('TestChildWorkflow')).toBe(false);
  });

  test('Step Functions: a run per execution, failed and succeeded as recorded', () => {
    const steps = stepsOf('stepfunctions/runs.json');
    expect(valuesOf(steps, 'stepfunctions-execution').size).toBe(15);
    expect(
      countBy(
        steps.filter((step) => step.outcome),
        (step) => String(step.outcome),
      ),
    ).toEqual({
      failed: 7,
      completed: 8,
    });
    expect(steps.filter((step) => step.role === 'send')).toHaveLength(7);
    expect(steps.filter((step) => step.declaredKind === 'decision').length).toBeGreaterThan(0);
    expect(steps.find((step) => step.role === 'call')?.peer).toBeTruthy();
  });

  test('Conductor: a run per workflow id, odd times marked, retries counted from one', () => {
    const steps = stepsOf('conductor/runs.json');
    expect(valuesOf(steps, 'conductor-workflow').size).toBe(3);
    expect(steps.filter((step) => step.outcome === 'completed')).toHaveLength(3);
    expect(new Set(steps.map((step) => step.attempt))).toEqual(new Set([null, 1]));
    expect(new Set(steps.map((step) => step.workflow?.name)).has('example_dynamic_tasks')).toBe(
      true,
    );
    for (const step of steps) expect(step.endedAtNs >= step.startedAtNs).toBe(true);
  });
});

describe('recorded traces', () => {
  test('Train Ticket: messages through the default exchange, each taken by two spans', () => {
    const steps = stepsOf('microservices/trainticket-1139.json.gz');
    const sends = steps.filter((step) => step.role === 'send');
    const takes = steps.filter((step) => step.role === 'take');
    expect([sends.length, takes.length]).toEqual([5, 10]);
    expect(new Set(takes.map((step) => step.message?.destination))).toEqual(
      new Set(['food_delivery']),
    );
    expect(sends.every((step) => step.message?.destinationIsVague)).toBe(true);
    expect(steps.every((step) => step.instance?.startsWith('ts-'))).toBe(true);
  });

  test('Train Ticket: order ids come by a configured key', () => {
    const rules: readonly KeyRule[] = [{ attribute: 'order.id', type: 'order', relation: 'same' }];
    const steps = stepsOf(
      'microservices/trainticket-orders-2023-01-30.json.gz',
      'otlp-json',
      rules,
    );
    const carrying = steps.filter((step) => step.keys.length > 0);
    expect(carrying).toHaveLength(1_218);
    expect(valuesOf(steps, 'order').size).toBe(193);
  });

  test('a client and server that name a messaging system exchange no message', () => {
    const steps = stepsOf('otlp/contrib-messaging-system-trace.json');
    expect(steps.map((step) => [step.role, step.message])).toEqual([
      ['call', null],
      ['serve', null],
    ]);
  });

  test("Jaeger's search fixtures keep tags of span, process and logs under findable names", () => {
    const [logs] = stepsOf('jaeger-contract/traces/log_tags_trace.json');
    expect(logs?.attributes.get('sameplacetag1')).toBe('sameplacevalue');
    expect(logs?.attributes.get('sameplacetag3')).toBe(72.5);
    const [process] = stepsOf('jaeger-contract/traces/process_tags_trace.json');
    expect(process?.attributes.get('resource.sameplacetag2')).toBe(123);
  });

  test('CDEvents share one chain; Eiffel events hang together by their links', () => {
    const chain: KeyRule = { attribute: 'data.context.chainId', type: 'chain', relation: 'same' };
    const cdevents = stepsOf('cloudevents/cdevents.json', 'cloudevents-batch', [chain]);
    expect(valuesOf(cdevents, 'chain').size).toBe(1);
    expect(cdevents.filter((step) => step.keys.length > 0)).toHaveLength(42);
    expect(cdevents.every((step) => step.role === 'send' && step.message?.type === step.name)).toBe(
      true,
    );
    const rules: readonly KeyRule[] = [
      { attribute: 'data.links[].target', type: 'artifact', relation: 'same' },
      { attribute: 'data.meta.id', type: 'artifact', relation: 'same' },
    ];
    const eiffel = stepsOf('cloudevents/eiffel-build-avoidance.json', 'cloudevents-batch', rules);
    expect(eiffel.reduce((sum, step) => sum + step.keys.length, 0)).toBe(30 + 16);
  });
});
