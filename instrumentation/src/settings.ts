import type { Attributes, TextMapPropagator } from '@opentelemetry/api';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { logOnce } from './harmless.js';
import { LIMITS } from './limits.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** How the instrumentation behaves: `start()` options over the environment over defaults. */
export interface Settings {
  readonly isDisabled: boolean;
  readonly serviceName: string | null;
  readonly resourceAttributes: Attributes;
  /** Null when OTEL_TRACES_EXPORTER=none: context still travels, nothing is sent. */
  readonly exporter: ExporterSettings | null;
  readonly queueSpansMax: number;
  readonly batchSpansMax: number;
  readonly scheduleDelayMs: number;
  readonly propagator: TextMapPropagator;
  readonly payloadKey: string | null;
  readonly pendingAfterMs: number;
  readonly pendingEveryMs: number;
  /** What a consumer's span is: a trace of its own that links to the producer, or part of its trace. */
  readonly consumerTrace: 'new' | 'same';
  readonly exitFlush: 'crash' | 'always' | 'never';
  readonly exitFlushMs: number;
  readonly disabledHooks: ReadonlySet<string>;
  readonly ignoredPaths: readonly string[];
}

export interface ExporterSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly encoding: 'json' | 'protobuf';
  readonly isCompressed: boolean;
  readonly certificateFile: string | null;
}

export interface StartOptions {
  readonly serviceName?: string;
  /** Base address of the collector, without `/v1/traces`. */
  readonly endpoint?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resourceAttributes?: Attributes;
  readonly payloadKey?: string;
  readonly consumerTrace?: 'new' | 'same';
}

/** Reads the settings; what cannot be read is said once and its default is taken. */
export function readSettings(options: StartOptions, env: Environment): Settings {
  return {
    isDisabled: flag(env['OTEL_SDK_DISABLED']) || flag(env['THROUGHLINE_DISABLED']),
    serviceName: options.serviceName ?? present(env['OTEL_SERVICE_NAME']),
    resourceAttributes: options.resourceAttributes ?? {},
    exporter: exporterOf(options, env),
    queueSpansMax: count(env, 'OTEL_BSP_MAX_QUEUE_SIZE', LIMITS.queueSpansMax),
    batchSpansMax: count(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', LIMITS.batchSpansMax),
    // The specification's 5 s is long for people who watch a live map.
    scheduleDelayMs: count(env, 'OTEL_BSP_SCHEDULE_DELAY', 500),
    propagator: propagatorOf(env),
    payloadKey: options.payloadKey ?? present(env['THROUGHLINE_PAYLOAD_KEY']),
    pendingAfterMs: count(env, 'THROUGHLINE_PENDING_AFTER_MS', 1_000),
    pendingEveryMs: count(env, 'THROUGHLINE_PENDING_EVERY_MS', 10_000),
    consumerTrace:
      options.consumerTrace ?? choice(env, 'THROUGHLINE_CONSUMER_TRACE', ['new', 'same']),
    exitFlush: choice(env, 'THROUGHLINE_EXIT_FLUSH', ['crash', 'always', 'never']),
    exitFlushMs: count(env, 'THROUGHLINE_EXIT_FLUSH_MS', 1_000),
    disabledHooks: new Set(list(env['OTEL_NODE_DISABLED_INSTRUMENTATIONS'])),
    ignoredPaths: list(env['THROUGHLINE_HTTP_IGNORE']),
  };
}

function exporterOf(options: StartOptions, env: Environment): ExporterSettings | null {
  const exporters = list(env['OTEL_TRACES_EXPORTER'] ?? 'otlp');
  if (exporters.includes('none')) return null;
  if (!exporters.includes('otlp')) {
    logOnce('exporter', `OTEL_TRACES_EXPORTER=${exporters.join()} is not known here; otlp is used`);
  }
  const own = (name: string): string | null =>
    present(env[`OTEL_EXPORTER_OTLP_TRACES_${name}`]) ?? present(env[`OTEL_EXPORTER_OTLP_${name}`]);
  const protocol = own('PROTOCOL') ?? 'http/json';
  if (!['http/json', 'http/protobuf'].includes(protocol)) {
    logOnce('protocol', `OTLP protocol ${protocol} is not spoken here; http/json is used`);
  }
  return {
    url: urlOf(options, env),
    headers: options.headers ?? headersOf(env),
    timeoutMs: Number(own('TIMEOUT')) || 10_000,
    encoding: protocol === 'http/protobuf' ? 'protobuf' : 'json',
    isCompressed: own('COMPRESSION') === 'gzip',
    certificateFile: own('CERTIFICATE'),
  };
}

/** A traces endpoint is used as given, a general one gets the path of the signal (OTLP exporter specification). */
function urlOf(options: StartOptions, env: Environment): string {
  const fallback = 'http://127.0.0.1:4318/v1/traces';
  const traces = present(env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
  const general = options.endpoint ?? present(env['OTEL_EXPORTER_OTLP_ENDPOINT']);
  const wanted =
    options.endpoint === undefined && traces !== null
      ? traces
      : general === null
        ? fallback
        : `${general.replace(/\/+$/, '')}/v1/traces`;
  if (URL.canParse(wanted) && /^https?:$/.test(new URL(wanted).protocol)) return wanted;
  logOnce('endpoint', `the OTLP endpoint is no http(s) address; ${fallback} is used`);
  return fallback;
}

/** `key=value,key=value`, percent-encoded; the traces headers win over the general ones. */
function headersOf(env: Environment): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    for (const pair of list(env[name])) {
      const at = pair.indexOf('=');
      if (at < 1) continue;
      headers[pair.slice(0, at).trim().toLowerCase()] = decoded(pair.slice(at + 1).trim());
    }
  }
  return headers;
}

function propagatorOf(env: Environment): TextMapPropagator {
  const names = list(env['OTEL_PROPAGATORS'] ?? 'tracecontext,baggage');
  const propagators: TextMapPropagator[] = [];
  if (names.includes('tracecontext')) propagators.push(new W3CTraceContextPropagator());
  if (names.includes('baggage')) propagators.push(new W3CBaggagePropagator());
  const unknown = names.filter((name) => !['tracecontext', 'baggage', 'none'].includes(name));
  if (unknown.length > 0) {
    logOnce('propagators', `OTEL_PROPAGATORS: ${unknown.join()} is not spoken here`);
  }
  return new CompositePropagator({ propagators });
}

function count(env: Environment, name: string, fallback: number): number {
  const text = present(env[name]);
  if (text === null) return fallback;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  logOnce(name, `${name} is no positive whole number; ${fallback} is used`);
  return fallback;
}

function choice<T extends string>(env: Environment, name: string, values: readonly [T, ...T[]]): T {
  const text = present(env[name]);
  if (text === null) return values[0];
  const found = values.find((value) => value === text);
  if (found === undefined) logOnce(name, `${name} is none of ${values.join(', ')}`);
  return found ?? values[0];
}

function list(text: string | undefined): string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function present(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text.trim();
}

function flag(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === 'true';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
