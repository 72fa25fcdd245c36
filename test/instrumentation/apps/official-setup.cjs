// The SDK and the HTTP instrumentation of OpenTelemetry, set up as their documentation says.
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { context, propagation, trace } = require('@opentelemetry/api');
const { W3CTraceContextPropagator } = require('@opentelemetry/core');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const sdk = require('@opentelemetry/sdk-trace-base');

const exporter = new sdk.InMemorySpanExporter();
const provider = new sdk.BasicTracerProvider({
  spanProcessors: [new sdk.SimpleSpanProcessor(exporter)],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });

/** Finished spans as `KIND name`, with the names of their parents. */
exports.seen = () => {
  const spans = exporter.getFinishedSpans();
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  return spans
    .map(({ kind, parentSpanContext }) => {
      const parent = byId.get(parentSpanContext?.spanId);
      return `${kind}${parent === undefined ? '' : ` under ${parent.kind}`}`;
    })
    .sort();
};
