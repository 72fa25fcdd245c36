import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createCollector } from '@throughline/collector';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { stalledAfterPayment } from '@throughline/fixtures/scenarios/stalled-after-payment';
import type { FindingView } from '@throughline/model/api/findings';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { manualClock } from '../support/manual-clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(...options: Parameters<typeof openCollector>): Promise<OpenCollector> {
  const collector = await openCollector(...options);
  closing.push(() => collector.close());
  return collector;
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SOCKET = '/socket.io/?EIO=4&transport=polling';

/** A request with headers that `fetch` does not let one set. */
function ask(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the door', () => {
  it('is closed to a rebound name and to pages of other origins, for every path', async () => {
    const { url } = await opened();
    for (const path of ['/', '/api/v1/runs', '/metrics', '/livez', '/assets/x.js', SOCKET]) {
      expect(await ask(url + path, { host: 'evil.example' }), path).toBe(403);
      expect(await ask(url + path, { origin: 'https://evil.example' }), path).toBe(403);
    }
    expect(await ask(`${url}/v1/traces`, { host: 'evil.example' }, 'POST')).toBe(403);
    expect(await ask(`${url}/v1/traces`, { origin: 'null' }, 'POST')).toBe(403);
  });

  it('answers 400 to a request that names its host twice', async () => {
    const { url } = await opened();
    const { host, hostname, port } = new URL(url);
    const answer = async (path: string): Promise<string> => {
      const socket = connect(Number(port), hostname);
      socket.end(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`);
      return text(socket);
    };
    for (const path of ['/', '/api/v1/runs', '/livez', '/v1/traces']) {
      expect(await answer(path), path).toMatch(/^HTTP\/1\.1 400 /);
    }
    // Engine.IO has one status for whatever its owner refuses.
    expect(await answer(SOCKET)).toMatch(/^HTTP\/1\.1 403 .*more than one Host header/s);
  });

  it('puts a strict content security policy on every page', async () => {
    const { url } = await opened();
    for (const path of ['/', '/api/docs', '/api/v1/stats']) {
      const { headers } = await fetch(url + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('is only opened to this machine', async () => {
    const listen = { host: '0.0.0.0', port: 0 };
    const open = openCollector({
      change: (settings) => ({ ...settings, server: { ...settings.server, listen } }),
    });
    await expect(open).rejects.toThrow(/loopback only/);
  });

  it('proposes a free port when its own is taken, and leaves nothing open', async () => {
    const { url, dataFolder } = await opened();
    const port = new URL(url).port;
    const folder = scratch();
    const second = createCollector({ port, data: folder, env: {}, cwd: folder });
    await expect(second).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${port}.*port \\d+ is free`));
    const third = await createCollector({ port: 0, data: folder, env: {}, cwd: folder });
    await third.close();
    expect(dataFolder).not.toBe(folder);
  });

  it('has pages and API at an address of their own where that is configured', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'throughline.yaml'), 'ui: { listen: "127.0.0.1:0" }\n');
    const collector = await createCollector({ port: 0, data: folder, env: {}, cwd: folder });
    closing.push(() => collector.close());
    expect(collector.uiUrl).not.toBe(collector.url);
    expect((await fetch(`${collector.uiUrl}/api/v1/stats`)).status).toBe(200);
    expect((await fetch(`${collector.url}/api/v1/stats`)).status).toBe(404);
    expect((await fetch(`${collector.url}/livez`)).status).toBe(200);
    const headers = { 'content-type': 'application/json' };
    const sent = { method: 'POST', headers, body: '{"resourceSpans":[]}' };
    expect((await fetch(`${collector.url}/v1/traces`, sent)).status).toBe(200);
    expect((await fetch(`${collector.uiUrl}/v1/traces`, sent)).status).toBe(404);
  });
});

describe('operating', () => {
  it('says that it is alive and ready, and why', async () => {
    const { url } = await opened();
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'alive' });
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: 'ready', reasons: [] });
    const verbose = (await (await fetch(`${url}/healthz?verbose`)).json()) as { checks: object[] };
    expect(verbose.checks).toHaveLength(2);
  });

  it('counts every span under a name of its own', async () => {
    const { url, send } = await opened();
    const { spans } = happyOrder.tell();
    await send(spans);
    await send(spans);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain(`throughline_spans_received_total ${String(spans.length * 2)}`);
    expect(text).toContain(`{outcome="duplicate",reason=""} ${String(spans.length)}`);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
    expect(names.filter((name) => !name.startsWith('throughline_'))).toEqual([]);
    expect(text).not.toContain('8123');
  });

  it('documents every operation, offline and without script', async () => {
    const { url } = await opened();
    const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(document.openapi).toBe('3.1.0');
    const page = await (await fetch(`${url}/api/docs`)).text();
    for (const path of Object.keys(document.paths)) expect(page).toContain(path);
    expect(page).not.toMatch(/<script|style="|https?:\/\//);
    expect((await fetch(`${url}/api/docs/style.css`)).headers.get('content-type')).toContain('css');
  });

  it('answers 304 while nothing changes', async () => {
    const { url, send } = await opened();
    await send(happyOrder.tell().spans);
    const first = await fetch(`${url}/api/v1/runs`);
    const etag = first.headers.get('etag') ?? '';
    expect(await ask(`${url}/api/v1/runs`, { 'if-none-match': etag })).toBe(304);
  });
});

describe('the pages', () => {
  it('say how to build them while they are not built', async () => {
    const { url } = await opened({ uiFolder: scratch() });
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
  });

  it('are one document for every path of the UI, hashed files for ever, and nothing else', async () => {
    const uiFolder = scratch();
    mkdirSync(join(uiFolder, 'assets'));
    writeFileSync(join(uiFolder, 'index.html'), '<head><base href="/" /></head>the pages');
    writeFileSync(join(uiFolder, 'assets', 'app-abc123.js'), 'export {};');
    const { url } = await opened({ uiFolder });
    const page = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(url + path, { headers: { accept: 'text/html,*/*', ...headers } });
    for (const path of ['/', '/runs/r_x', '/map?level=event']) {
      const response = await page(path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('<base href="/"');
    }
    const behindProxy = await page('/runs', { 'x-forwarded-prefix': '/tools/throughline' });
    expect(await behindProxy.text()).toContain('<base href="/tools/throughline/"');
    for (const hostile of ['//evil.example', '/..', '/a/../b', '/a/.', '/./a', '/a//b']) {
      const answer = await page('/runs', { 'x-forwarded-prefix': hostile });
      expect(await answer.text(), hostile).toContain('<base href="/"');
    }
    const dotted = await page('/runs', { 'x-forwarded-prefix': '/v1.2/.well-known/...' });
    expect(await dotted.text()).toContain('<base href="/v1.2/.well-known/.../"');
    const asset = await page('/assets/app-abc123.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect((await page('/assets/app-old.js')).status).toBe(404);
    expect((await page('/../../package.json')).headers.get('content-type')).toContain('html');
    expect(
      (await fetch(`${url}/no/such`, { headers: { accept: 'application/json' } })).status,
    ).toBe(404);
  });
});

/** A span of everything that a careless export would change. */
const EXACT_SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  name: 'exact',
  kind: 2,
  startTimeUnixNano: '1767603600123456789',
  endTimeUnixNano: '1767603600123456790',
  attributes: [
    { key: 'bytes', value: { bytesValue: 'AAEC/w==' } },
    { key: 'big', value: { intValue: '-9223372036854775808' } },
    { key: 'half', value: { doubleValue: 0.5 } },
    { key: 'whole', value: { doubleValue: 3 } },
    { key: 'naught', value: { doubleValue: '-0' } },
    { key: 'three', value: { intValue: '3' } },
    {
      key: 'alike',
      value: { kvlistValue: { values: [{ key: 'doubleValue', value: { doubleValue: 2 } }] } },
    },
    { key: '__proto__', value: { stringValue: 'a name like any other' } },
    {
      key: 'nested',
      value: {
        kvlistValue: {
          values: [{ key: 'a', value: { arrayValue: { values: [{ boolValue: true }] } } }],
        },
      },
    },
  ],
  events: [{ name: 'e', timeUnixNano: '1767603600123456790', attributes: [] }],
  traceState: 'vendor=1',
  flags: 0x101,
  links: [
    {
      traceId: '0af7651916cd43dd8448eb211c80319d',
      spanId: '00f067aa0ba902b8',
      traceState: 'vendor=2',
      flags: 0x301,
      attributes: [],
    },
  ],
  status: { code: 2, message: 'no' },
};

describe('one run as a file', () => {
  it('in OTLP, sent to another collector, is the same run', async () => {
    const from = await opened();
    const to = await opened();
    await from.send(stalledAfterPayment.tell().spans);
    const { items } = (await from.get('/runs')).body as { items: RunItem[] };
    for (const { id } of items) {
      const body = JSON.stringify((await from.get(`/runs/${id}/export?format=otlp`)).body);
      const headers = { 'content-type': 'application/json' };
      const sent = await fetch(`${to.url}/v1/traces`, { method: 'POST', headers, body });
      expect(await sent.text()).toBe('{}');
      const copy = (await to.get(`/runs/${id}`)).body as RunDetail;
      const own = (await from.get(`/runs/${id}`)).body as RunDetail;
      expect(copy.steps).toEqual(own.steps);
      expect(copy.edges).toEqual(own.edges);
    }
  });

  it('keeps bytes, large integers and nanoseconds exact in OTLP', async () => {
    const collector = await opened();
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 's' } }] };
    const scope = {
      name: 'lib',
      version: '2.0',
      attributes: [{ key: 'short', value: { doubleValue: 1 } }],
    };
    const sent = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [EXACT_SPAN] }] }] };
    const headers = { 'content-type': 'application/json' };
    await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers,
      body: JSON.stringify(sent),
    });
    const { items } = (await collector.get('/runs')).body as { items: RunItem[] };
    const path = `/runs/${items[0]?.id ?? ''}`;
    expect((await collector.get(`${path}/export?format=otlp`)).body).toEqual(sent);
    const { attributes } = ((await collector.get(path)).body as RunDetail).steps[0]!;
    expect(attributes['bytes']).toBe('AAEC/w==');
    expect(attributes['big']).toBe('-9223372036854775808');
    expect(Object.entries(attributes)).toContainEqual(['__proto__', 'a name like any other']);
  });

  it('is a flowchart in Mermaid, and says of other formats that they are not there yet', async () => {
    const collector = await opened();
    await collector.send(happyOrder.tell().spans);
    const { items } = (await collector.get('/runs')).body as { items: RunItem[] };
    const url = `${collector.url}/api/v1/runs/${items[0]?.id ?? ''}/export`;
    const chart = await (await fetch(`${url}?format=mermaid`)).text();
    expect(chart).toMatch(/^flowchart LR\n/);
    expect(chart.match(/ ==>\|"payment\.captured"\| /g)?.length).toBeGreaterThan(0);
    for (const format of ['ocel', 'xes', 'evidence']) {
      expect((await fetch(`${url}?format=${format}`)).status, format).toBe(501);
    }
    expect((await fetch(`${url}?format=pdf`)).status).toBe(400);
  });
});

describe('what an operator decides about a finding', () => {
  it('is shown, survives a restart, and needs JSON', async () => {
    const dataFolder = scratch();
    const { policy } = stalledAfterPayment;
    const { spans, judgedAtNs } = stalledAfterPayment.tell();
    const clock = manualClock(judgedAtNs);
    const first = await openCollector({ policy, clock, dataFolder });
    await first.send(spans);
    await first.get('/runs');
    clock.advance(15_000);
    const find = async (from: OpenCollector): Promise<FindingView> => {
      const { body } = await from.get('/findings?rule=stalled-run');
      return (body as { items: FindingView[] }).items[0]!;
    };
    const { id, state } = await find(first);
    expect(state).toBe('open');
    const act = async (name: string, body: string, type = 'application/json'): Promise<number> => {
      const url = `${first.url}/api/v1/findings/${id}/${name}`;
      return (await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })).status;
    };
    expect(await act('acknowledge', '{"note":"on it"}', 'text/plain')).toBe(415);
    const address = `${first.url}/api/v1/findings/${id}/acknowledge`;
    const plain = await fetch(address, { method: 'POST', body: '{"note":"on it"}' });
    const told = await plain.text();
    expect(told).toContain('The body of this request comes as application/json');
    expect(told).not.toContain('x-protobuf');
    expect(await act('acknowledge', '{"note":')).toBe(400);
    expect(await act('snooze', '{"for":"a while"}')).toBe(400);
    expect(await act('acknowledge', '{"note":"on it"}')).toBe(200);
    expect(await act('snooze', '{"for":"4h"}')).toBe(200);
    expect(await find(first)).toMatchObject({ state: 'acknowledged' });
    await first.close();

    const second = await opened({ policy, clock, dataFolder });
    const kept = await find(second);
    expect(kept).toMatchObject({ id, state: 'acknowledged' });
    expect(Date.parse(kept.snoozedUntil ?? '')).toBeGreaterThan(Number(judgedAtNs / 1_000_000n));
  });
});
