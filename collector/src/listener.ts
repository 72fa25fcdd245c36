import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, ServerResponse, type RequestListener, type Server } from 'node:http';
import type { Clock } from './clock.js';
import type { ListenAddress } from './config/config.js';
import { Fault } from './errors.js';
import { freePort } from './free-port.js';
import { LIMITS } from './limits.js';

/** How late Node may notice that a connection's time is over; by itself it looks every 30 seconds. */
const TIMEOUT_CHECK_MS = 1_000;

/** While it ends: how soon a connection that has its answer is closed. */
const IDLE_CHECK_MS = 50;

export interface Listener {
  readonly server: Server;
  readonly url: string;
  /** Takes no new connections, lets answers under way finish for a while, then cuts what is left. */
  close(): Promise<void>;
}

/** Whoever answers, receivers, Express or socket.io: what the answer is stands in it, and no browser guesses. */
class PlainAnswer<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  constructor(request: Request) {
    super(request);
    this.setHeader('X-Content-Type-Options', 'nosniff');
  }
}

/** @throws Fault PORT_IN_USE with a port that is free. */
export async function openListener(
  address: ListenAddress,
  handle: RequestListener,
  clock: Clock,
): Promise<Listener> {
  const server = createServer(
    {
      ServerResponse: PlainAnswer,
      headersTimeout: LIMITS.headersTimeoutMs,
      requestTimeout: LIMITS.requestTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    handle,
  );
  server.maxConnections = LIMITS.connectionsMax;
  server.keepAliveTimeout = LIMITS.keepAliveTimeoutMs;
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
  } catch (cause) {
    throw await listenFault(cause, address, '--port');
  }
  return { server, url: urlOf(server, address), close: () => drain(server, clock) };
}

async function drain(server: Server, clock: Clock): Promise<void> {
  const closed = once(server, 'close');
  // Whoever keeps a connection busy is told with the next answer that it was the last one.
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Connection', 'close');
  });
  server.close();
  server.closeIdleConnections();
  const stop = clock.every(IDLE_CHECK_MS, () => server.closeIdleConnections());
  const cancel = clock.after(LIMITS.drainMs, () => server.closeAllConnections());
  await closed;
  stop();
  cancel();
}

function urlOf(server: Server, { host }: ListenAddress): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What to tell of an address that cannot be listened on; `flag` is the one that names another port. */
export async function listenFault(
  cause: unknown,
  { host, port }: ListenAddress,
  flag: string,
): Promise<unknown> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    const free = await freePort(host);
    return new Fault(
      'PORT_IN_USE',
      `Another program listens on ${host}:${port}; port ${free} is free: ${flag} ${free}`,
      { cause },
    );
  }
  if (code === 'EACCES') {
    return new Fault('BAD_CONFIG', `Port ${port} needs rights that this process does not have`, {
      cause,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Fault('BAD_CONFIG', `This machine has no address ${host}`, { cause });
  }
  return cause;
}
