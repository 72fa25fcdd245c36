// An app that sets up an OpenTelemetry SDK of its own in its first lines, after --import.
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { step, workflow } from '@throughline/instrumentation';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const taken = [
  trace.setGlobalTracerProvider(provider),
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()),
  propagation.setGlobalPropagator(new W3CTraceContextPropagator()),
];
await workflow('checkout', { key: { order: '9' } }, async () => {
  await step('ours', () => Promise.resolve());
  trace.getTracer('app').startActiveSpan('theirs', (span) => span.end());
  void step('hangs', () => new Promise(() => undefined));
  await new Promise((resolve) => setTimeout(resolve, 300));
});
const seen = exporter.getFinishedSpans().map(({ name, attributes, parentSpanContext }) => ({
  name,
  key: attributes['throughline.key.order'],
  pending: attributes['throughline.pending'] ?? false,
  hasParent: parentSpanContext !== undefined,
}));
console.log(`report ${JSON.stringify({ taken, fields: propagation.fields(), seen })}`);
