import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import { DEMO_CONFIG } from '@throughline/fixtures/demo/declared-flows';
import { ALL_SCENARIOS } from '@throughline/fixtures/scenarios/all-scenarios';
import type { FindingView } from '@throughline/model/api/findings';
import type { Page } from '@throughline/model/api/primitives';
import type { RunItem } from '@throughline/model/api/runs';
import { instantFromMs } from '@throughline/model/time';
import { startCollector, type RunningCollector } from '../support/start-collector.js';
import { until } from '../support/until.js';

const AGO_MS = 14 * 60_000;

/** A real collector in a process of its own, with every story told 14 minutes ago; or with nothing at all. */
export interface Gallery {
  readonly url: string;
  readonly collector: RunningCollector;
  send(spans: readonly SpanDescription[]): Promise<void>;
  runs(query: string): Promise<readonly RunItem[]>;
  findings(query: string): Promise<readonly FindingView[]>;
  close(): Promise<void>;
}

/** @param options `config`: a configuration file in place of the one of the demo. */
export async function openGallery(options: { readonly config?: string } = {}): Promise<Gallery> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-gallery-'));
  const config = options.config ?? join(folder, 'throughline.yaml');
  if (options.config === undefined) writeFileSync(config, DEMO_CONFIG);
  const collector = await startCollector(join(folder, 'data'), ['--config', config]);
  const { url } = collector;
  const list = async <T>(path: string): Promise<readonly T[]> => {
    const answer = await fetch(`${url}/api/v1/${path}`);
    if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
    return ((await answer.json()) as Page<T>).items;
  };
  return {
    url,
    collector,
    async send(spans) {
      const answer = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: otlpJson(spans),
      });
      if (!answer.ok) throw new Error(`The collector refused the spans: ${await answer.text()}`);
    },
    runs: (query) => list<RunItem>(`runs?${query}`),
    findings: (query) => list<FindingView>(`findings?${query}`),
    async close() {
      await collector.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tells stories (all of the fixtures unless said) and waits until the stalled order is a finding. */
export async function openFullGallery(scenarios = ALL_SCENARIOS): Promise<Gallery> {
  const gallery = await openGallery();
  try {
    const startNs = instantFromMs(Date.now() - AGO_MS);
    for (const scenario of scenarios)
      await gallery.send(scenario.tell(scenario.name, startNs).spans);
    await until('the stalled order is found', async () =>
      (await gallery.findings('rule=stalled-run&state=open')).some(({ sentence }) =>
        sentence.includes('8124'),
      ),
    );
    return gallery;
  } catch (fault) {
    await gallery.close();
    throw fault;
  }
}
