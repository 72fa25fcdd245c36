import { SpanKind, SpanStatusCode, trace, TraceFlags, context } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import type { StatsView } from '@throughline/model/api/catalog';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

let collector: OpenCollector;
afterEach(() => collector.close());

async function open(): Promise<string> {
  collector = await openCollector({
    change: (settings) => ({
      ...settings,
      server: { ...settings.server, grpc: { host: '127.0.0.1', port: 0 } },
    }),
  });
  return `http://${collector.grpcAddress ?? ''}`;
}

async function runOf(key: string): Promise<RunDetail> {
  const { body } = await collector.get(`/runs?key=${key}`);
  const [item] = (body as { items: RunItem[] }).items;
  if (item === undefined) throw new Error(`no run has the key ${key}`);
  return (await collector.get(`/runs/${item.id}`)).body as RunDetail;
}

describe('the gRPC exporters of OpenTelemetry', () => {
  test.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])(
    'send spans that become a run, compression %s',
    async (compression) => {
      const exporter = new OTLPTraceExporter({ url: await open(), compression });
      const provider = new BasicTracerProvider({
        resource: resourceFromAttributes({ 'service.name': 'shop' }),
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      });
      const tracer = provider.getTracer('test');
      const attributes = { 'throughline.key.order': '8123' };
      const outer = tracer.startSpan('place order', { kind: SpanKind.SERVER, attributes });
      const inner = tracer.startSpan('charge', {}, trace.setSpan(context.active(), outer));
      inner.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' }).end();
      outer.end();
      await provider.forceFlush();
      const run = await runOf('order:8123');
      const told = run.steps.map(({ name, service, status }) => [name, service, status]);
      expect(told.sort()).toEqual([
        ['charge', 'shop', 'error'],
        ['place order', 'shop', 'ok'],
      ]);
      await provider.shutdown();
    },
  );

  test('send signals in the log that become a step, pending and then ended', async () => {
    const exporter = new OTLPLogExporter({ url: await open() });
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': 'mailer' }),
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('test');
    const spanContext = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
    };
    const active = trace.setSpanContext(context.active(), spanContext);
    const say = async (eventName: string, attributes = {}): Promise<void> => {
      logger.emit({ eventName, context: active, attributes });
      await provider.forceFlush();
    };
    await say('throughline.step.start', {
      'throughline.step.name': 'send invoice',
      'throughline.key.order': '8124',
    });
    const [pending] = await until('the step is there', async () => {
      return (await runOf('order:8124')).steps;
    });
    expect(pending).toMatchObject({ name: 'send invoice', service: 'mailer', status: 'pending' });
    await say('user.clicked');
    await say('throughline.step.end');
    await until('the step has ended', async () => {
      const [step] = (await runOf('order:8124')).steps;
      return step?.status === 'ok' && step.name === 'send invoice' && step.endedAt !== null;
    });
    const stats = await until('the other record is counted', async () => {
      const view = (await collector.get('/stats')).body as StatsView;
      return view.ignoredLogRecords === 1 && view;
    });
    expect(stats).toMatchObject({ received: 2, stored: 1, duplicate: 1 });
    await provider.shutdown();
  });
});

test('gRPC is off unless it is asked for', async () => {
  collector = await openCollector();
  expect(collector.grpcAddress).toBeNull();
});
