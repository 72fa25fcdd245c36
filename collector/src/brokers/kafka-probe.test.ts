import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { instantFromMs } from '@throughline/model/time';
import { KafkaProbe } from './kafka-probe.js';

const SECRET = 'not-to-be-told';
const clock = { now: () => instantFromMs(1_800_000_000_000) };

let server: Server | undefined;
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  server = undefined;
});

async function listen(behave: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    behave(socket);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return (listening.address() as AddressInfo).port;
}

function probeOf(port: number, user: string | null = null): KafkaProbe {
  return new KafkaProbe(
    {
      bootstrap: [{ host: '127.0.0.1', port }],
      isTls: false,
      mechanism: 'PLAIN',
      user,
      password: user === null ? null : SECRET,
    },
    clock,
  );
}

async function complaint(
  probe: KafkaProbe,
  signal = new AbortController().signal,
): Promise<string> {
  const error = await probe.look(signal).then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  probe.close();
  expect(error?.name).toBe('NoData');
  expect(error?.message).not.toContain(SECRET);
  return error?.message ?? '';
}

describe('a Kafka that does not answer', () => {
  it('cannot be reached, and the reason says so', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    expect(await complaint(probeOf(port, 'watcher'))).toBe(
      `127.0.0.1:${port} cannot be reached: ECONNREFUSED`,
    );
  });

  it.each([
    ['hangs up', (socket: Socket) => void socket.destroy()],
    ['is a web server', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s, and is no data', async (_what, behave) => {
    const port = await listen(behave);
    expect(await complaint(probeOf(port))).toMatch(/^127\.0\.0\.1/);
  });

  it.each([
    ['before it knows the user', 'watcher'],
    ['before it knows the brokers', null],
  ])('is let go of at once when it is silent %s: no socket stays', async (_when, user) => {
    const heard = new Promise<Socket>((resolve) => {
      void listen((socket) => socket.once('data', () => resolve(socket))).then((port) => {
        const ending = new AbortController();
        const probe = probeOf(port, user);
        const looking = complaint(probe, ending.signal);
        void heard.then(async (socket) => {
          const closed = new Promise((done) => socket.once('close', done));
          ending.abort();
          await closed;
          await looking;
        });
      });
    });
    const socket = await heard;
    await new Promise<void>((resolve) => {
      if (socket.destroyed) resolve();
      else socket.once('close', () => resolve());
    });
    expect(sockets.size).toBe(0);
  });
});
