import fc from 'fast-check';
import type { RunId, SpanId, StepId, TraceId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Run, RunStatus } from '@throughline/model/run';
import type { Step, StepStatus } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import type { Contribution, Hop, MessageTrail, Place } from '@throughline/model/traffic';

export interface SomeRun {
  readonly run: Run;
  readonly contribution: Contribution;
}

export const START_NS = 1_767_225_600_000_000_000n;
const MINUTE_NS = 60_000_000_000n;

/** Few values, so that runs meet in minutes, edges, keys and instants again and again. */
const service = fc.constantFrom('shop', 'stock', 'mail');
const destination = fc.constantFrom('orders', 'orders.dlq');
const messageType = fc.constantFrom(null, '', 'order.placed', 'order.paid');
const workflow = fc.constantFrom('checkout', 'refund');
const instant = fc
  .tuple(
    fc.constantFrom(0n, 1n, 2n, 59n, 60n, 130n),
    fc.constantFrom(0n, 1n, 2n, 3n, MINUTE_NS - 1n),
  )
  .map(([minute, rest]) => (START_NS + minute * MINUTE_NS + rest) as UnixNs);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);

export const anyInstant = instant;
export const anyRunId = fc
  .constantFrom('r_a', 'r_b', 'r_c', 'r_d', 'r_e', 'r_f')
  .map((id) => id as RunId);

const step: fc.Arbitrary<Step> = fc
  .record({
    service,
    version: maybe(fc.constantFrom('1', '2')),
    name: fc.constantFrom('place', 'pay', 'pack'),
    status: fc.constantFrom<StepStatus>('ok', 'error', 'pending'),
    endedAtNs: instant,
    tenant: maybe(fc.constantFrom('acme', 'umbrella')),
  })
  .map(({ service: name, version, status, endedAtNs, tenant, ...rest }) => ({
    ...anyStep,
    ...rest,
    service: name,
    serviceVersion: version,
    instance: version === null ? null : `${name}-${version}`,
    status,
    startedAtNs: endedAtNs,
    endedAtNs,
    attributes: new Map(tenant === null ? [] : [['tenant', tenant]]),
  }));

const hop: fc.Arbitrary<Hop> = fc
  .record({
    kind: fc.constantFrom<Hop['kind']>('send', 'take', 'call', 'dead-letter'),
    service,
    other: service,
    destination,
    messageType,
    atNs: instant,
    durationMs: fc.constantFrom(0, 0.5, 3, 250, 90_000),
    isError: fc.boolean(),
  })
  .map(({ kind, service: name, other, destination: place, messageType: type, ...rest }) => {
    const mine: Place = { kind: 'service', name, system: null };
    const theirs: Place =
      kind === 'call'
        ? { kind: 'service', name: other, system: null }
        : {
            kind: place.endsWith('dlq') ? 'dead-letter' : 'destination',
            name: place,
            system: 'amqp',
          };
    const ends = kind === 'take' ? { from: theirs, to: mine } : { from: mine, to: theirs };
    return { kind, ...ends, messageType: kind === 'call' ? null : type, ...rest };
  });

const trail: fc.Arbitrary<MessageTrail> = fc
  .record({
    destination,
    messageType,
    producer: maybe(service),
    sentAtNs: maybe(instant),
    consumers: fc.array(fc.record({ service, atNs: instant, isPending: fc.boolean() }), {
      maxLength: 2,
    }),
    dead: maybe(fc.record({ source: maybe(fc.constant('orders')), cameBack: fc.boolean() })),
    undeliverable: fc.boolean(),
  })
  .map(({ dead, consumers, sentAtNs, ...rest }) => ({
    ...rest,
    system: 'amqp',
    isDeadLetterDestination: rest.destination.endsWith('dlq'),
    producerVersion: null,
    sentAtNs,
    consumers: consumers.map((each) => ({ ...each, subscription: null })),
    deadLettered:
      dead === null
        ? null
        : {
            ...dead,
            reason: 'rejected',
            atNs: sentAtNs ?? (START_NS as UnixNs),
            service: null,
            version: null,
          },
  }));

const key: fc.Arbitrary<Key> = fc.record({
  type: fc.constantFrom('order', 'customer'),
  value: fc.constantFrom('1', '2', '3'),
  relation: fc.constant('same' as const),
});

export const traceIds = ['1', '2', 'abc'].map((digits) => digits.padStart(32, '0') as TraceId);

const parts = fc.record({
  workflow,
  status: fc.constantFrom<RunStatus>('active', 'completed', 'failed', 'compensated', 'cancelled'),
  pattern: fc.constantFrom(null, 'orchestrated' as const, 'choreographed' as const),
  keys: fc.array(key, { maxLength: 2 }),
  times: fc.tuple(instant, instant),
  hasEnded: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  hops: fc.array(hop, { maxLength: 6 }),
  trails: fc.array(trail, { maxLength: 4 }),
  traceIds: fc.subarray(traceIds),
  alias: maybe(anyRunId),
});

/** One version of a run; the same id may come again with other content, as runs do while they grow. */
export const anyRun: fc.Arbitrary<SomeRun> = fc
  .tuple(anyRunId, parts)
  .map(([id, { times, hasEnded, steps, hops, trails, alias, ...rest }]) => {
    const [startedAtNs, lastActivityAtNs] = times[0] <= times[1] ? times : [times[1], times[0]];
    const run: Run = {
      ...emptyRun,
      ...rest,
      id,
      aliases: alias === null || alias === id ? [] : [alias],
      startedAtNs,
      lastActivityAtNs,
      endedAtNs: hasEnded ? lastActivityAtNs : null,
      steps: steps.map((each) => ({
        step: each,
        why: { by: 'trace', of: each.traceId },
        waitMs: null,
        correctedStartNs: each.startedAtNs,
        attempt: 1,
      })),
      services: [...new Set(steps.map((each) => each.service))].sort(),
      destinations: [...new Set(trails.map((each) => each.destination))].sort(),
    };
    return {
      run,
      contribution: { runId: id, workflow: run.workflow, hops, messages: trails },
    };
  });

const anyStep: Omit<Step, 'service' | 'name'> = {
  id: 'x' as StepId,
  traceId: traceIds[0]!,
  spanId: '0000000000000001' as SpanId,
  parentSpanId: null,
  isSharedServerHalf: false,
  links: [],
  serviceVersion: null,
  instance: null,
  role: 'work',
  declaredKind: null,
  startedAtNs: START_NS as UnixNs,
  endedAtNs: START_NS as UnixNs,
  timeIsSuspect: false,
  isPending: false,
  status: 'ok',
  errorMessage: null,
  keys: [],
  message: null,
  peer: null,
  callSystem: null,
  workflow: null,
  attempt: null,
  expects: [],
  deadlineMs: null,
  compensates: null,
  outcome: null,
  skippedReason: null,
  actor: null,
  attributes: new Map(),
};

const emptyRun: Omit<Run, 'id' | 'workflow' | 'status' | 'pattern' | 'keys' | 'traceIds'> = {
  aliases: [],
  workflowVersion: null,
  patternEvidence: { directed: 0, reactions: 0, handOvers: 0, because: [] },
  startedAtNs: START_NS as UnixNs,
  lastActivityAtNs: START_NS as UnixNs,
  endedAtNs: null,
  steps: [],
  messages: [],
  edges: [],
  services: [],
  destinations: [],
  spanCount: 0,
  errorCount: 0,
  parent: null,
  children: [],
  skewCorrections: [],
  isProvisional: false,
};
