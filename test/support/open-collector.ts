import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCollector, type Collector } from '@throughline/collector';
import { policy as declared } from '@throughline/fixtures/build/policy';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import type { Policy } from '@throughline/model/policy';
import type { Clock } from '../../collector/src/clock.js';
import type { Config } from '../../collector/src/config/config.js';

export interface OpenCollector {
  readonly url: string;
  /** `host:port`; null unless it was asked for. */
  readonly grpcAddress: string | null;
  readonly dataFolder: string;
  /** GET below `/api/v1`, with the answer as JSON. */
  get(path: string): Promise<{ status: number; type: string; body: unknown }>;
  /** Sends spans as one OTLP/JSON request, and expects them to be taken. */
  send(spans: readonly SpanDescription[]): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly policy?: Policy;
  readonly clock?: Clock;
  /** Left alone at the end; a folder of its own, deleted at the end, unless given. */
  readonly dataFolder?: string;
  readonly uiFolder?: string;
  readonly change?: (settings: Config) => Config;
}

/** A real collector in this process: a free port, a temporary folder, the policy of a story. */
export async function openCollector(options: OpenOptions = {}): Promise<OpenCollector> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const settings = settingsOf(dataFolder, options.policy ?? declared());
  const collector = await createCollector({
    settings: options.change?.(settings) ?? settings,
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.uiFolder === undefined ? {} : { uiFolder: options.uiFolder }),
  });
  return opened(collector, dataFolder, options.dataFolder === undefined);
}

function opened(collector: Collector, dataFolder: string, isOurs: boolean): OpenCollector {
  return {
    url: collector.url,
    grpcAddress: collector.grpcAddress,
    dataFolder,
    async get(path) {
      const response = await fetch(`${collector.url}/api/v1${path}`);
      const type = response.headers.get('content-type') ?? '';
      return { status: response.status, type, body: (await response.json()) as unknown };
    },
    async send(spans) {
      const response = await fetch(`${collector.url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: otlpJson(spans),
      });
      const answer = await response.text();
      if (response.status !== 200 || answer !== '{}') {
        throw new Error(`The spans were not taken: ${String(response.status)} ${answer}`);
      }
    },
    async close() {
      await collector.close();
      if (isOurs) rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function settingsOf(place: string, policy: Policy): Config {
  return {
    server: {
      listen: { host: '127.0.0.1', port: 0 },
      grpc: null,
      tokens: [],
      allowedHosts: [],
      allowedOrigins: [],
    },
    ui: { listen: null, url: null },
    storage: { kind: 'sqlite', place, retention: { ageMs: 4e12, bytesMax: 1e12 } },
    ingest: { bus: { kind: 'in-process' } },
    forward: null,
    alerts: { receivers: [], routes: [], allowPrivate: false, noData: [], heartbeat: null },
    brokers: [],
    policy,
    documents: [],
  };
}
