import { describe, expect, test } from 'vitest';
import {
  recordedBody,
  recordedFile,
  recordedJson,
  recordedNames,
} from '@throughline/fixtures/recorded-input';
import { gunzipSync } from 'node:zlib';
import type { BodyFormat, WireSpan } from '../wire.js';
import { decode } from './decode.js';
import { plainSpans } from './plain-spans.case.js';

/** The counts that a truth file gives about the spans of its input. */
interface Survey {
  readonly spans: number;
  readonly unique_spans: number;
  readonly traces: number;
  readonly services: number;
  readonly service_names: readonly string[];
  readonly kinds: Readonly<Record<string, number>>;
  readonly error_spans: number;
  readonly roots: number;
  readonly orphans: number;
  readonly links: number;
  readonly cross_trace_links: number;
  readonly zero_start: number;
  readonly negative_duration: number;
}

function surveyOf(all: readonly WireSpan[]): Survey {
  const spans = [
    ...new Map(all.map((each) => [`${each.traceId}${each.spanId}${each.kind}`, each])).values(),
  ];
  const ids = new Set(spans.map((span) => span.traceId + span.spanId));
  const kinds: Record<string, number> = {};
  for (const { kind } of all) kinds[kind.toUpperCase()] = (kinds[kind.toUpperCase()] ?? 0) + 1;
  const names = new Set(spans.map((span) => String(span.resource.get('service.name') ?? 'None')));
  const links = spans.flatMap((span) => span.links.map((link) => ({ span, link })));
  return {
    spans: all.length,
    unique_spans: spans.length,
    traces: new Set(spans.map((span) => span.traceId)).size,
    services: names.size,
    service_names: [...names].sort(),
    kinds,
    error_spans: spans.filter((span) => span.status === 'error').length,
    roots: spans.filter((span) => span.parentSpanId === null).length,
    orphans: spans.filter((span) => span.parentSpanId && !ids.has(span.traceId + span.parentSpanId))
      .length,
    links: links.length,
    cross_trace_links: links.filter(({ span, link }) => span.traceId !== link.traceId).length,
    zero_start: spans.filter((span) => span.startedAtNs === 0n).length,
    negative_duration: spans.filter((span) => span.endedAtNs < span.startedAtNs).length,
  };
}

function decoded(format: BodyFormat, path: string): readonly WireSpan[] {
  const { spans, rejected } = decode(format, recordedBody(path));
  expect(rejected).toEqual([]);
  return spans;
}

/** Truth files give the survey at the top or under `spans`; only what a file states is compared. */
function expectSurvey(spans: readonly WireSpan[], truthPath: string): void {
  const truth = recordedJson(truthPath) as Record<string, unknown>;
  const given = (typeof truth['spans'] === 'object' ? truth['spans'] : truth) as Record<
    string,
    unknown
  >;
  const survey = surveyOf(spans) as unknown as Record<string, unknown>;
  const stated = Object.keys(survey).filter((name) => name in given);
  expect(stated.length).toBeGreaterThan(1);
  for (const name of stated) expect([name, survey[name]]).toEqual([name, given[name]]);
}

describe('recorded OTLP/JSON gives the counts of its truth file', () => {
  test.each([
    ['otlp/jaeger-es.json', 'otlp/jaeger-es.truth.json'],
    ['otlp/telemetrygen.json', 'otlp/telemetrygen.truth.json'],
    ['jaeger-json/genai-agents.otlp.json', 'jaeger-json/genai-agents.truth.json'],
    ['jaeger-json/ride-sharing.otlp.json', 'jaeger-json/ride-sharing.truth.json'],
    ['microservices/trainticket-1139.json.gz', 'microservices/trainticket-1139.truth.json'],
    [
      'microservices/trainticket-orders-2023-01-30.json.gz',
      'microservices/trainticket-orders-2023-01-30.truth.json',
    ],
    ['conductor/runs.json', 'conductor/runs.truth.json'],
    ['live/rabbitmq/spans.json.gz', 'live/rabbitmq/truth.json'],
  ])('%s', (input, truth) => {
    expectSurvey(decoded('otlp-json', input), truth);
  });

  test('edge cases of Jaeger keep their roots and orphans', () => {
    const edge = (name: string) =>
      surveyOf(decoded('otlp-json', `jaeger-json/edge/${name}.otlp.json`));
    expect(edge('hierarchy')).toMatchObject({ spans: 4, orphans: 0, roots: 1 });
    expect(edge('multiple-roots')).toMatchObject({ roots: 2 });
    expect(edge('root-missing-reference')).toMatchObject({ orphans: 1, roots: 0 });
  });

  test('every orchestration run keeps the attribute that ties it', () => {
    for (const [path, attribute] of [
      ['temporal/runs.json', 'temporalRunID'],
      ['stepfunctions/runs.json', 'aws.stepfunctions.execution'],
      ['conductor/runs.json', 'conductor.workflow.id'],
    ] as const) {
      const values = decoded('otlp-json', path).map((span) => span.attributes.get(attribute));
      const truth = recordedJson(path.replace('.json', '.truth.json')) as { runs: number };
      expect([path, new Set(values).size]).toEqual([path, truth.runs]);
    }
  });

  test('all critical-path cases, contract traces and empty requests are read whole', () => {
    const crisp = decoded('otlp-json', 'critical-path/crisp.json');
    const cases = (recordedJson('critical-path/crisp.truth.json') as { cases: object }).cases;
    expect(new Set(crisp.map((span) => span.traceId)).size).toBe(Object.keys(cases).length);
    expect(crisp.filter((span) => span.status === 'error').length).toBe(
      crisp.filter((span) => span.attributes.get('error') === true).length,
    );
    for (const name of recordedNames('jaeger-contract/traces')) {
      expect(decoded('otlp-json', name).length).toBeGreaterThan(0);
    }
    expect(decoded('otlp-json', 'otlp/dataprepper-request-no-spans.json')).toEqual([]);
  });

  test('upper-case ids are the same ids', () => {
    const [span] = decoded('otlp-json', 'otlp/proto-example-trace.json');
    expect(span).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
    });
  });

  test('ids in base64 and enum names are refused with a reason, since OTLP/JSON knows neither', () => {
    const { spans, rejected } = decode('otlp-json', recordedBody('otlp/dataprepper-request.json'));
    expect(spans).toEqual([]);
    expect(rejected.length).toBeGreaterThan(0);
    for (const each of rejected) {
      expect(each.detail).toMatch(/^resourceSpans\[\d+\]\.scopeSpans\[\d+\]\.spans\[\d+\]: \S/);
    }
  });
});

describe('bodies captured from a real exporter', () => {
  interface Header {
    readonly n: number;
    readonly ext: string;
    readonly ct: string;
  }
  const headers = recordedFile('live/rabbitmq/bodies/headers.jsonl').toString().trim().split('\n');
  const spansOf = (line: string): readonly WireSpan[] => {
    const { n, ext, ct } = JSON.parse(line) as Header;
    const file = recordedFile(`live/rabbitmq/bodies/${String(n).padStart(4, '0')}.${ext}`);
    const body = ext.endsWith('gz') ? gunzipSync(file) : file;
    const { spans, rejected } = decode(ct.includes('json') ? 'otlp-json' : 'otlp-protobuf', body);
    expect(rejected).toEqual([]);
    return spans;
  };
  const inOrder = (spans: readonly WireSpan[]) =>
    [...spans].sort((a, b) => (a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1));

  test('protobuf and JSON, plain and gzip, give exactly the merged spans', () => {
    const merged = decoded('otlp-json', 'live/rabbitmq/spans.json.gz');
    expect(inOrder(plainSpans(headers.flatMap(spansOf)))).toEqual(inOrder(plainSpans(merged)));
  });
});

describe('recorded Zipkin gives the counts of its truth file', () => {
  test.each([
    'zipkin/ascend.json',
    'zipkin/envoy.json',
    'zipkin/messaging.json',
    'zipkin/simple-db-p6.json',
    'zipkin/smartthings-oauth-authorization.json.gz',
  ])('%s', (input) => {
    const truth = input.replace(/\.json(\.gz)?$/, '.truth.json');
    expectSurvey(decoded('zipkin-json', input), truth);
  });

  test("every case of Zipkin's own suites is read", () => {
    const cases = recordedJson('zipkin-contract/cases.json') as { cases?: Case[] } | Case[];
    const list = Array.isArray(cases) ? cases : (cases.cases ?? []);
    expect(list.length).toBe(23);
    for (const each of list) {
      const { spans, rejected } = decode('zipkin-json', Buffer.from(JSON.stringify(each.spans)));
      expect([each.name, spans.length, rejected]).toEqual([each.name, each.spans.length, []]);
    }
  });
  interface Case {
    readonly name: string;
    readonly spans: readonly unknown[];
  }
});

describe('recorded CloudEvents', () => {
  test.each([
    ['cloudevents/eiffel-build-avoidance.json', 'cloudevents/eiffel-build-avoidance.truth.json'],
    ['cloudevents/cdevents.json', 'cloudevents/cdevents.truth.json'],
  ])('%s is one span per event', (input, truthPath) => {
    const truth = recordedJson(truthPath) as {
      events: number;
      types: number | Record<string, number>;
    };
    const spans = decoded('cloudevents-batch', input);
    expect(spans).toHaveLength(truth.events);
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(truth.events);
    const types = new Set(spans.map((span) => span.name)).size;
    expect(types).toBe(
      typeof truth.types === 'number' ? truth.types : Object.keys(truth.types).length,
    );
  });

  test('nested correlation values stand under their path', () => {
    const spans = decoded('cloudevents-batch', 'cloudevents/cdevents.json');
    const chains = spans.map((span) => span.attributes.get('data.context.chainId'));
    expect(chains.filter((chain) => chain !== undefined)).toHaveLength(42);
    expect(new Set(chains.filter((chain) => chain !== undefined)).size).toBe(1);
  });

  test('all valid events are taken, and four spellings of a time are one instant', () => {
    const { tests } = recordedJson('cloudevents/valid-events.json') as {
      tests: { sampleId: string; event: unknown }[];
    };
    const times = new Set<bigint>();
    for (const { sampleId, event } of tests) {
      const { spans, rejected } = decode('cloudevent', Buffer.from(JSON.stringify(event)));
      expect(rejected).toEqual([]);
      if (sampleId === 'minimalWithTime') times.add(spans[0]?.startedAtNs ?? 0n);
    }
    expect(tests).toHaveLength(10);
    expect([...times]).toEqual([1_522_949_460_000_000_000n]);
  });
});
