// An app that has the SDK and the OTLP exporter of OpenTelemetry, set up as their documentation says.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { step, workflow } from '@throughline/instrumentation';

const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const isKept = trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
await workflow('checkout', { key: { order: '9' } }, async () => {
  await step('ours', () => Promise.resolve());
  trace.getTracer('app').startActiveSpan('theirs', (span) => span.end());
});
await provider.shutdown();
console.log(`report ${JSON.stringify({ isKept })}`);
