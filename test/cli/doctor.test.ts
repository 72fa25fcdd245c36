import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../../collector/src/cli/cli.js';
import { systemClock } from '../../collector/src/clock.js';

let server: Server | undefined;
afterEach(async () => {
  if (server === undefined) return;
  const closing = server;
  if ('closeAllConnections' in closing) (closing.closeAllConnections as () => void)();
  await new Promise((resolve) => closing.close(resolve));
});

async function listening(made: Server): Promise<string> {
  server = made;
  made.listen(0, '127.0.0.1');
  await new Promise((resolve) => made.once('listening', resolve));
  return `http://127.0.0.1:${String((made.address() as AddressInfo).port)}`;
}

async function doctor(url: string): Promise<{ exit: number; out: string; said: string }> {
  const texts = { out: '', said: '' };
  const exit = await runCli(['doctor', '--server', url], {
    out: (text) => void (texts.out += text),
    say: (text) => void (texts.said += text),
    env: {},
    cwd: '.',
    clock: systemClock,
    isTerminal: false,
    readInput: () => Readable.from([]),
    onReload: () => undefined,
    untilStopped: () => Promise.resolve(),
  });
  return { exit, ...texts };
}

/** Ready like a collector, and answers everything else with this status. */
const answering =
  (status: number): RequestListener =>
  (request, response) => {
    const isReady = request.url?.startsWith('/readyz') === true;
    response.writeHead(isReady ? 200 : status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'ready', reasons: [] }));
  };

describe('doctor says how to mend it when', () => {
  it('another program answers', async () => {
    const url = await listening(createServer((_, response) => response.end('hello')));
    const { exit, out } = await doctor(url);
    expect(exit).toBe(1);
    expect(out).toContain('is not a collector');
    expect(out).toContain('fix: Another program answers there');
  });

  it('the port is one for gRPC', async () => {
    const url = await listening(createHttp2Server());
    const { exit, said } = await doctor(url);
    expect(exit).toBe(4);
    expect(said).toContain('gRPC port (4317)');
    expect(said).toContain('4318');
  });

  it.each([
    [404, 'server.listen'],
    [403, 'server.allowed_hosts'],
    [400, 'OTEL_EXPORTER_OTLP_'],
  ])('spans are answered with %i', async (status, fix) => {
    const url = await listening(createServer(answering(status)));
    const { exit, out, said } = await doctor(url);
    expect(said).toBe('throughline: Not everything is well\n');
    expect(exit).toBe(1);
    expect(out).toContain(`/v1/traces answered ${String(status)}`);
    expect(out).toContain(fix);
  });
});
