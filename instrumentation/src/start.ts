import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { snapshotOpenSpans, watchExit } from './export/exit.js';
import { OtlpTransport } from './export/otlp-transport.js';
import { serviceResource } from './export/resource.js';
import { RunProcessor } from './export/run-processor.js';
import { SpanQueue } from './export/span-queue.js';
import { registerGlobally } from './global-registration.js';
import { harmless, logOnce } from './harmless.js';
import { installHooks } from './hooks/install-hooks.js';
import { LIMITS } from './limits.js';
import { processState } from './process-state.js';
import { registeredProvider } from './run/tracer.js';
import { readSettings } from './settings.js';
import type { Settings, StartOptions } from './settings.js';

/**
 * Starts the instrumentation of this process, once; `register` does it for you. Call it before the libraries
 * to be watched are loaded. Never throws. Does nothing under OTEL_SDK_DISABLED=true.
 */
export function start(options: StartOptions = {}): void {
  harmless('start', () => {
    const state = processState();
    if (state.settings !== null) return;
    setLogLevel(process.env['OTEL_LOG_LEVEL']);
    const settings = readSettings(options, process.env);
    if (settings.isDisabled) return;
    state.settings = settings;
    const provider = providerOf(settings);
    state.provider = provider;
    registerGlobally(provider, settings.propagator);
    installHooks(settings);
  });
}

/**
 * Sends what is finished, and how far the unfinished has come. Resolves after that or after `timeoutMs`,
 * whichever is first; never rejects. For serverless functions and tests; other processes need no call.
 */
export function flush(timeoutMs = 2_000): Promise<void> {
  return processState().flush(timeoutMs);
}

function providerOf(settings: Settings): BasicTracerProvider {
  const { queue, processors } = exportOf(settings);
  const run = new RunProcessor({
    pendingAfterMs: settings.pendingAfterMs,
    pendingEveryMs: settings.pendingEveryMs,
    report: (snapshot) => queue?.addSnapshot(snapshot),
  });
  const state = processState();
  state.processors.add(run);
  state.flush = (timeoutMs) =>
    within(timeoutMs, async () => {
      snapshotOpenSpans();
      await Promise.all([queue?.drain(), flushOfApp()]);
    });
  return new BasicTracerProvider({
    resource: serviceResource(settings),
    spanProcessors: [run, ...processors],
    spanLimits: { attributeValueLengthLimit: valueCharsMax(process.env) },
  });
}

function exportOf(settings: Settings): { queue: SpanQueue | null; processors: SpanProcessor[] } {
  if (settings.exporter === null) return { queue: null, processors: [] };
  const transport = new OtlpTransport(settings.exporter);
  const queue = new SpanQueue({ ...settings, encoding: settings.exporter.encoding }, transport);
  watchExit(settings, queue, transport);
  return { queue, processors: [queue] };
}

/** The app's provider, when it has one, holds our spans too. */
async function flushOfApp(): Promise<void> {
  const provider = registeredProvider() as { forceFlush?(): Promise<void> } | null;
  if (provider === null || provider === processState().provider) return;
  await provider.forceFlush?.();
}

/** While somebody waits for a flush the process may stay alive for it, but no longer than that. */
function within(timeoutMs: number, act: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    act().then(done, (error: unknown) => {
      logOnce('flush', 'the last spans could not be sent', error);
      done();
    });
  });
}

function valueCharsMax(env: NodeJS.ProcessEnv): number {
  const own =
    env['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'] ?? env['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'];
  const wanted = Number(own);
  return own !== undefined && own !== '' && wanted > 0 ? wanted : LIMITS.attributeValueCharsMax;
}

function setLogLevel(level: string | undefined): void {
  const levels: Readonly<Record<string, DiagLogLevel | string | undefined>> = DiagLogLevel;
  const wanted = levels[(level ?? '').toUpperCase()];
  if (typeof wanted === 'number') diag.setLogger(new DiagConsoleLogger(), wanted);
}
