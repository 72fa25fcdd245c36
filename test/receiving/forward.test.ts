import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordedBody, recordedFile } from '@throughline/fixtures/recorded-input';
import type { StatsView } from '@throughline/model/api/catalog';
import { encodeProtobuf } from '../../collector/src/decode/otlp-encoder.case.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

interface Arrived {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly atMs: number;
}

/** The other endpoint: remembers what comes, and answers as it is told. */
let arrived: Arrived[];
let answer: (response: ServerResponse) => void;
let receiver: Server;
let collector: OpenCollector | undefined;

const ok = (response: ServerResponse): void => void response.end('{}');
const trace = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: 'b7ad6b7169203331',
              name: 'pay',
              startTimeUnixNano: '1',
              endTimeUnixNano: '2',
            },
          ],
        },
      ],
    },
  ],
});

beforeEach(async () => {
  arrived = [];
  answer = ok;
  receiver = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { url: path = '', headers } = request;
      arrived.push({ path, headers, body, atMs: performance.now() });
      answer(response);
    });
  });
  await listen(0);
});

afterEach(async () => {
  await collector?.close();
  collector = undefined;
  await hangUp();
});

function listen(port: number): Promise<void> {
  return new Promise((resolve) => receiver.listen(port, '127.0.0.1', resolve));
}

async function hangUp(): Promise<void> {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function open(path = ''): Promise<OpenCollector> {
  const endpoint = new URL(`http://127.0.0.1:${String(portOf(receiver))}${path}`);
  const forward = { endpoint, headers: { authorization: 'Bearer hush' } };
  collector = await openCollector({ change: (settings) => ({ ...settings, forward }) });
  return collector;
}

/** @param type the media type, with `; gzip` behind it for a body that is compressed. */
async function post(path: string, type: string, body: Uint8Array | string) {
  const [mediaType = '', encoding = 'identity'] = type.split('; ');
  const headers = { 'content-type': mediaType, 'content-encoding': encoding };
  const startedMs = performance.now();
  const response = await fetch(`${collector?.url ?? ''}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : Uint8Array.from(body),
  });
  await response.text();
  return { status: response.status, tookMs: performance.now() - startedMs };
}

async function counts(): Promise<NonNullable<StatsView['forward']>> {
  const { forward } = (await collector?.get('/stats'))?.body as StatsView;
  if (forward === null) throw new Error('nothing is passed on');
  return forward;
}

describe('what was received', () => {
  test('goes on byte for byte, traces and logs, with the headers that were set', async () => {
    await open('/otlp/');
    const protobuf = recordedFile('live/rabbitmq/bodies/0002.pb.gz');
    const logs = recordedBody('otlp/proto-example-logs.json');
    const plain = encodeProtobuf(JSON.parse(trace) as Record<string, unknown>);
    await post('/v1/traces', 'application/x-protobuf; gzip', protobuf);
    await until('the first has come', () => arrived.length === 1);
    await post('/v1/traces', 'application/x-protobuf', plain);
    await until('the second has come', () => arrived.length === 2);
    await post('/v1/traces', 'application/json', trace);
    await until('the third has come', () => arrived.length === 3);
    // No record of these is a signal: nothing here needs them, somebody there may.
    await post('/v1/logs', 'application/json; gzip', gzipSync(logs));
    await until('all have come', () => arrived.length === 4);
    expect(
      arrived.map(({ path, headers, body }) => [
        path,
        headers['content-type'],
        headers['content-encoding'],
        headers.authorization,
        body.toString('base64'),
      ]),
    ).toEqual(
      (
        [
          ['/otlp/v1/traces', 'application/x-protobuf', 'gzip', protobuf],
          ['/otlp/v1/traces', 'application/x-protobuf', undefined, plain],
          ['/otlp/v1/traces', 'application/json', undefined, trace],
          ['/otlp/v1/logs', 'application/json', 'gzip', gzipSync(logs)],
        ] as const
      ).map(([path, type, encoding, body]) => [
        path,
        type,
        encoding,
        'Bearer hush',
        Buffer.from(body).toString('base64'),
      ]),
    );
    await until('all are counted', async () => (await counts()).sent === 4);
    expect(await counts()).toMatchObject({ waiting: 0, waitingBytes: 0 });
    const metrics = await (await fetch(`${collector?.url ?? ''}/metrics`)).text();
    expect(metrics).toContain('throughline_forward_bodies_total{outcome="sent",reason=""} 4');
  });

  test('goes on as OTLP when it came as Zipkin spans or as CloudEvents', async () => {
    await open();
    const zipkin = [{ traceId: '5982fe77008310cc', id: '5982fe77008310cc', name: 'get' }];
    await post('/api/v2/spans', 'application/json', JSON.stringify(zipkin));
    const event = { specversion: '1.0', id: '1', source: '/shop', type: 'order.placed' };
    await post('/v1/events', 'application/cloudevents+json', JSON.stringify(event));
    await until('both have come', () => arrived.length === 2);
    const second = await openCollector();
    try {
      for (const { path, headers, body } of arrived) {
        const response = await fetch(`${second.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': headers['content-type'] ?? '' },
          body: Uint8Array.from(body),
        });
        expect([response.status, await response.text()]).toEqual([200, '{}']);
      }
      const { body } = await second.get('/runs');
      expect((body as { items: unknown[] }).items).toHaveLength(2);
    } finally {
      await second.close();
    }
  });

  test('stays here when nothing of it was taken', async () => {
    await open();
    expect((await post('/v1/traces', 'application/json', 'hello')).status).toBe(400);
    await post('/v1/traces', 'application/json', trace.replace('0af7', 'zzzz'));
    await post('/v1/traces', 'application/json', trace);
    await until('the good one has come', () => arrived.length === 1);
    await until('it is counted', async () => (await counts()).sent === 1);
    expect(await counts()).toMatchObject({ waiting: 0, failed: { refused: 0 } });
  });
});

describe('an endpoint', () => {
  test('that is down gets everything once it is back, and nobody waits for it', async () => {
    await open();
    const port = portOf(receiver);
    await hangUp();
    for (let n = 0; n < 5; n++) {
      const { status } = await post('/v1/traces', 'application/json', trace);
      expect(status).toBe(200);
    }
    expect(await counts()).toMatchObject({ sent: 0, waiting: 5 });
    await listen(port);
    await until('all have come', () => arrived.length === 5);
    await until('all are counted', async () => (await counts()).sent === 5);
  });

  test('that asks to wait is left in peace for so long', async () => {
    await open();
    answer = (response) => void response.writeHead(429, { 'retry-after': '2' }).end();
    await post('/v1/traces', 'application/json', trace);
    await until('it was refused', () => arrived.length === 1);
    answer = ok;
    await until('it was taken', () => arrived.length === 2);
    const [first, second] = arrived;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1_900);
  });

  test('that refuses something is not asked again', async () => {
    await open();
    answer = (response) => void response.writeHead(400).end();
    await post('/v1/traces', 'application/json', trace);
    await until('it is counted', async () => (await counts()).failed['refused'] === 1);
    answer = (response) => void response.writeHead(302, { location: '/elsewhere' }).end();
    await post('/v1/traces', 'application/json', trace);
    await until('it is counted', async () => (await counts()).failed['refused'] === 2);
    expect(arrived.map(({ path }) => path)).toEqual(['/v1/traces', '/v1/traces']);
  });

  test('that never answers slows no sender, and holds up no end', async () => {
    await open();
    answer = () => undefined;
    const tookMs: number[] = [];
    for (let n = 0; n < 20; n++) {
      tookMs.push((await post('/v1/traces', 'application/json', trace)).tookMs);
    }
    expect(tookMs.sort((a, b) => a - b)[10]).toBeLessThan(1_000);
    expect((await counts()).waiting).toBe(20);
    const startedMs = performance.now();
    await collector?.close();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    collector = undefined;
  });
});

test('nothing is passed on unless it is asked for', async () => {
  collector = await openCollector();
  const { forward } = (await collector.get('/stats')).body as StatsView;
  expect(forward).toBeNull();
});
