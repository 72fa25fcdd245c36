import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCollector, type Collector } from '@throughline/collector';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { recordedBody, recordedJson } from '@throughline/fixtures/recorded-input';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import type { RebuildView, ReloadView } from '@throughline/model/api/config';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { Fault } from '../../collector/src/errors.js';
import { startCollector } from '../support/start-collector.js';
import { until } from '../support/until.js';

let folder: string;
const open: Collector[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
});
afterEach(async () => {
  for (const collector of open.splice(0)) await collector.close();
  rmSync(folder, { recursive: true, force: true });
});

function configure(text: string): string {
  const path = join(folder, 'throughline.yaml');
  writeFileSync(path, `storage: { retention: { age: 9000d } }\n${text}`);
  return path;
}

async function opened(): Promise<Collector> {
  const config = join(folder, 'throughline.yaml');
  const collector = await createCollector({ config, data: join(folder, 'data'), port: 0, env: {} });
  open.push(collector);
  return collector;
}

const JSON_TYPE = 'application/json';

interface Sent {
  readonly body: Uint8Array | string;
  readonly type?: string;
}

async function post(
  url: string,
  path: string,
  { body, type = JSON_TYPE }: Sent,
): Promise<Response> {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  return fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body: bytes });
}

async function json<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}/api/v1${path}`)).json()) as T;
}

/** Everything that the collector says of its runs, in an order of their ids. */
async function dump(url: string): Promise<readonly RunDetail[]> {
  const items: RunItem[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: RunItem[]; next: string | null } = await json(
      url,
      `/runs?limit=500${query}`,
    );
    items.push(...page.items);
    cursor = page.next;
  }
  const ids = items.map(({ id }) => id).sort();
  return Promise.all(ids.map((id) => json<RunDetail>(url, `/runs/${id}`)));
}

async function rebuilt(url: string): Promise<RebuildView> {
  let state: RebuildView | undefined;
  await until('the stored spans are stitched anew', async () => {
    state = await json<RebuildView>(url, '/config/reload');
    return state.state !== 'running';
  });
  if (state === undefined) throw new Error('nothing was told');
  return state;
}

const BY_ORDER = 'correlation: { keys: [{ attribute: order.id, type: order, relation: same }] }\n';

describe('the keys change while the collector runs', () => {
  it('a day of orders is tied by its key, as a start with it would have tied it, and spans come in all the while', async () => {
    configure('');
    const { url } = await opened();
    const { resourceSpans } = recordedJson(
      'microservices/trainticket-orders-2023-01-30.json.gz',
    ) as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
    const requests = requestsOf(resourceSpans);
    const late = requests.splice(-20);
    for (const body of requests) await post(url, '/v1/traces', { body: body });
    const before = await dump(url);
    expect(before.filter(({ keys }) => keys.some(({ type }) => type === 'order'))).toEqual([]);

    configure(BY_ORDER);
    const answer = await post(url, '/api/v1/config/reload', { body: '{}' });
    expect(answer.status).toBe(202);
    expect((await answer.json()) as ReloadView).toMatchObject({
      outcome: 'rebuilding',
      needsRestart: [],
      rebuild: { state: 'running' },
    });
    const again = await post(url, '/api/v1/config/reload', { body: '{"force":true}' });
    expect(again.status).toBe(429);
    const ready = (await (await fetch(`${url}/readyz?verbose`)).json()) as {
      status: string;
      checks: { name: string; reason: string }[];
    };
    expect(ready.status).toBe('ready');
    expect(ready.checks.find(({ name }) => name === 'rebuild')?.reason).toMatch(
      /stitched anew: \d+ %/,
    );
    // The runs of before are shown until the new ones are whole.
    expect((await json<{ items: RunItem[] }>(url, '/runs?limit=1')).items).toHaveLength(1);
    for (const body of late) {
      expect((await post(url, '/v1/traces', { body: body })).status).toBe(200);
    }
    expect(await rebuilt(url)).toMatchObject({ state: 'done', percent: 100, error: null });

    const after = await dump(url);
    const truth = recordedJson('microservices/trainticket-orders-2023-01-30.truth.json') as {
      runs: number;
      spans: number | { spans: number };
    };
    const orders = after.filter(({ keys }) => keys.some(({ type }) => type === 'order'));
    expect(orders).toHaveLength(truth.runs);
    const stats = await json<{ received: number; stored: number }>(url, '/stats');
    await open.pop()?.close();

    const fresh = await opened();
    expect(await dump(fresh.url)).toEqual(after);
    const total = (await json<{ total: { received: number } }>(fresh.url, '/stats')).total;
    expect(total.received).toBe(stats.received);
  }, 120_000);

  it('senders that never pause do not hold it off', async () => {
    configure('');
    const { url } = await opened();
    let isSending = true;
    let count = 0;
    const sender = async (): Promise<void> => {
      while (isSending) {
        count += 1;
        const { spans } = happyOrder.tell(`endless/${String(count)}`);
        expect((await post(url, '/v1/traces', { body: otlpJson(spans) })).status).toBe(200);
      }
    };
    const senders = [sender(), sender(), sender()];
    try {
      await until('some orders are stored', () => count > 60);
      configure(BY_ORDER);
      const answer = await post(url, '/api/v1/config/reload', { body: '{}' });
      expect(answer.status).toBe(202);
      expect(await rebuilt(url)).toMatchObject({ state: 'done', error: null });
    } finally {
      isSending = false;
      await Promise.all(senders);
    }
  }, 60_000);

  it('a file with a mistake changes nothing, and says what is wrong with it', async () => {
    configure('');
    const collector = await opened();
    configure('correlation: { kees: [] }\n');
    const answer = await post(collector.url, '/api/v1/config/reload', { body: '{}' });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { detail: string }).detail).toContain('keys');
    expect(() => collector.reload()).toThrow(Fault);
    expect(await json(collector.url, '/config/reload')).toMatchObject({ state: 'none' });
  });

  it('what only a restart brings is named, and nothing is stitched for it', async () => {
    configure('');
    const { url } = await opened();
    configure('alerts: { receivers: [{ name: log, stdout: true }] }\n');
    const answer = await post(url, '/api/v1/config/reload', { body: '{}' });
    expect((await answer.json()) as ReloadView).toMatchObject({
      outcome: 'unchanged',
      needsRestart: ['alerts'],
    });
  });

  it('an acknowledgement that comes meanwhile is kept, and what no longer holds is closed', async () => {
    const expectation = '{ after: order.placed, event: nobody.sends.it, within: 1s }';
    const flow = `flows: [{ workflow: order, expect: [${expectation}] }]\n`;
    configure(flow);
    const { url } = await opened();
    const story = otlpJson(happyOrder.tell('late').spans);
    await post(url, '/v1/traces', { body: story });
    interface Found {
      readonly items: { id: string; rule: string; state: string }[];
    }
    const findings = (): Promise<Found> => json(url, '/findings');
    await until('what is overdue is found', async () => (await findings()).items.length > 0);
    const [found] = (await findings()).items;
    await post(url, '/api/v1/config/reload', { body: '{"force":true}' });
    await post(url, `/api/v1/findings/${found?.id ?? ''}/acknowledge`, { body: '{"note":"mine"}' });
    await rebuilt(url);
    expect((await findings()).items).toMatchObject([{ id: found?.id, state: 'acknowledged' }]);
    configure('');
    await post(url, '/api/v1/config/reload', { body: '{}' });
    await rebuilt(url);
    expect((await findings()).items.map(({ state }) => state)).toEqual(['closed']);
  }, 60_000);

  it('SIGHUP does it too, and ends nothing when the file is wrong', async () => {
    const config = configure('');
    const running = await startCollector(join(folder, 'data'), [
      '--config',
      config,
      '--log-level',
      'info',
    ]);
    try {
      const eiffel = recordedBody('cloudevents/eiffel-build-avoidance.json');
      await post(running.url, '/v1/events', {
        body: eiffel,
        type: 'application/cloudevents-batch+json',
      });
      expect((await dump(running.url)).length).toBeGreaterThan(1);
      configure('correlation: { keys: nonsense }\n');
      running.process.kill('SIGHUP');
      await running.says(/correlation\.keys/);
      configure(EIFFEL);
      running.process.kill('SIGHUP');
      await running.says(/stitched anew in/);
      const runs = await dump(running.url);
      expect(runs).toHaveLength(1);
      expect(runs[0]?.spanCount).toBe(16);
    } finally {
      await running.stop();
    }
  });
});

const EIFFEL = `correlation:
  keys:
    - { attribute: "data.links[].target", type: artifact, relation: same }
    - { attribute: data.meta.id, type: artifact, relation: same }
`;

/** The spans of a recording in requests of a few hundred, each with one resource. */
function requestsOf(resourceSpans: readonly { scopeSpans: { spans: object[] }[] }[]): string[] {
  return resourceSpans.flatMap((resource) =>
    resource.scopeSpans.flatMap((scope) => {
      const bodies: string[] = [];
      for (let at = 0; at < scope.spans.length; at += 300) {
        const spans = scope.spans.slice(at, at + 300);
        const entry = { ...resource, scopeSpans: [{ ...scope, spans }] };
        bodies.push(JSON.stringify({ resourceSpans: [entry] }));
      }
      return bodies;
    }),
  );
}
