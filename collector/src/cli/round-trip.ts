import { resourceFromAttributes } from '@opentelemetry/resources';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { page } from '@throughline/model/api/primitives';
import { runItem } from '@throughline/model/api/runs';
import { msFromNs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import type { ApiClient } from './api-client.js';

/** The workflow that test spans belong to, so that nobody takes them for traffic. */
export const DOCTOR_WORKFLOW = 'throughline doctor';

const SEND_MS_MAX = 5_000;
/** The API shows whoever asks what was committed before; a proxy may ask another process. */
const QUESTIONS_MAX = 5;

export type RoundTrip =
  | { readonly kind: 'shown'; readonly tookMs: number; readonly runId: string }
  | { readonly kind: 'lost' }
  /** `status` is null when there was no answer at all. */
  | { readonly kind: 'refused'; readonly status: number | null; readonly why: string };

/**
 * One span the way every service sends its own: through the SDK and the OTLP/HTTP exporter of OpenTelemetry as they
 * come, and back through the API. The run that it makes is complete and says what it is.
 */
export async function roundTrip(api: ApiClient, clock: Clock): Promise<RoundTrip> {
  const startedAtNs = clock.now();
  const { traceId, refusal } = await sendTestSpan(`${api.server}/v1/traces`);
  if (refusal !== null) {
    return { kind: 'refused', status: statusOf(refusal), why: refusal.message };
  }
  for (let question = 0; question < QUESTIONS_MAX; question++) {
    const { items } = await api.get('/runs', page(runItem), { key: `trace:${traceId}` });
    const run = items.find(({ workflow }) => workflow === DOCTOR_WORKFLOW);
    if (run?.status === 'completed') {
      return { kind: 'shown', tookMs: msFromNs(clock.now() - startedAtNs), runId: run.id };
    }
  }
  return { kind: 'lost' };
}

async function sendTestSpan(url: string): Promise<{ traceId: string; refusal: Error | null }> {
  const stock = new OTLPTraceExporter({
    url,
    timeoutMillis: SEND_MS_MAX,
    httpAgentOptions: { keepAlive: false },
  });
  const outcome: { refusal: Error | null } = { refusal: null };
  // The provider wraps what became of an export; this keeps it as the exporter says it.
  const told: SpanExporter = {
    export: (spans, done) => {
      stock.export(spans, (result) => {
        if (result.error !== undefined) outcome.refusal = result.error;
        done(result);
      });
    },
    forceFlush: () => stock.forceFlush(),
    shutdown: () => stock.shutdown(),
  };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'throughline-doctor' }),
    // Whatever OTEL_TRACES_SAMPLER says: a test span that is not sampled tests nothing.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor(told)],
  });
  const span = provider
    .getTracer('throughline doctor')
    .startSpan('test span of throughline doctor');
  span.setAttributes({
    'throughline.workflow.name': DOCTOR_WORKFLOW,
    'throughline.step.name': 'test span of throughline doctor',
    'throughline.outcome': 'completed',
  });
  span.end();
  try {
    await provider.forceFlush();
  } catch (error) {
    outcome.refusal ??= error instanceof Error ? error : new Error(String(error));
  }
  // Shutting down flushes once more, and would say the same again.
  await provider.shutdown().catch(() => undefined);
  return { traceId: span.spanContext().traceId, refusal: outcome.refusal };
}

function statusOf(refusal: Error): number | null {
  return 'code' in refusal && typeof refusal.code === 'number' ? refusal.code : null;
}
