import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(): Promise<OpenCollector> {
  const collector = await openCollector();
  closing.push(() => collector.close());
  return collector;
}

/** What the HTTP client of Java sends along with every request unless told otherwise. */
const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAEAAEAA'];

interface Wire {
  write(...pieces: (string | Uint8Array)[]): void;
  heard(): string;
}

async function wired(url: string): Promise<Wire> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
  return {
    write: (...pieces) => pieces.forEach((piece) => socket.write(piece)),
    heard: () => heard,
  };
}

function head(first: string, headers: readonly string[]): string {
  return [`${first} HTTP/1.1`, ...headers, '', ''].join('\r\n');
}

it('spans of a client that offers HTTP/2 are stored, their body coming in pieces', async () => {
  const collector = await opened();
  const { spans } = happyOrder.tell();
  const body = Buffer.from(otlpJson(spans));
  const headers = ['Host: localhost', 'Content-Type: application/json', ...H2C];
  const { write, heard } = await wired(collector.url);
  for (let n = 1; n <= 15; n += 1) {
    const length = `Content-Length: ${String(body.length)}`;
    write(head('POST /v1/traces', [...headers, length]), body.subarray(0, 100));
    await collector.get('/stats');
    write(body.subarray(100));
    await until('it is answered', () => heard().split('HTTP/1.1 200 OK').length === n + 1, {
      withinMs: 3_000,
      everyMs: 5,
    });
  }
  expect((await collector.get('/stats')).body).toMatchObject({ stored: spans.length });
});

it.each(['h2c', 'TLS/1.0', 'websocket'])('an offer of %s to the API is ignored', async (offer) => {
  const { url } = await opened();
  const { write, heard } = await wired(url);
  const offered = ['Connection: keep-alive, Upgrade', `Upgrade: ${offer}`];
  write(head('GET /api/v1/runs', ['Host: localhost', ...offered]));
  await until('it is answered', () => heard().includes('"items":[]'), { withinMs: 3_000 });
  expect(heard()).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(heard()).not.toMatch(/connection: close/i);
});

it.each([['Host: evil.example'], ['Host: localhost\r\nOrigin: https://evil.example']])(
  'an offer opens no way around the guard: %j',
  async (stranger) => {
    const { url } = await opened();
    for (const path of ['/api/v1/runs', '/socket.io/?EIO=4&transport=polling']) {
      const { write, heard } = await wired(url);
      write(head(`GET ${path}`, [stranger, ...H2C]));
      await until('it is answered', () => heard() !== '', { withinMs: 3_000 });
      expect(heard(), path).toMatch(/^HTTP\/1\.1 403 /);
    }
  },
);

it('more headers than are read are refused: the one that tells the length may be among them', async () => {
  const { url } = await opened();
  const { write, heard } = await wired(url);
  const many = Array.from({ length: 2_000 }, () => 'a:');
  write(head('POST /v1/traces', ['Host: localhost', ...H2C, ...many, 'Content-Length: 40']));
  write(head('GET /livez', ['Host: localhost', 'X: y']));
  await until('it is answered', () => heard() !== '', { withinMs: 3_000 });
  expect(heard()).toMatch(/^HTTP\/1\.1 431 /);
  expect(heard()).not.toContain('alive');
});
