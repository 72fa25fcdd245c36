import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from './clock.js';
import type { ListenAddress } from './config/config.js';
import { LIMITS } from './limits.js';
import { listenFault } from './listener.js';
import type { OtlpGrpc } from './receive/otlp-grpc.js';

export interface GrpcListener {
  /** `host:port`, as exporters want it. */
  readonly address: string;
  /** Takes no new connections, lets calls under way finish for a while, then cuts what is left. */
  close(): Promise<void>;
}

/** @throws Fault PORT_IN_USE with a port that is free. */
export async function openGrpcListener(
  address: ListenAddress,
  grpc: OtlpGrpc,
  clock: Clock,
): Promise<GrpcListener> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Without a listener, a connection that breaks before gRPC has it would end the process.
    socket.on('error', () => undefined);
    grpc.take(socket);
  });
  server.maxConnections = LIMITS.grpcConnectionsMax;
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
  } catch (cause) {
    grpc.end();
    throw await listenFault(cause, address, '--grpc-port');
  }
  return {
    address: addressOf(server, address),
    async close() {
      const closed = once(server, 'close');
      server.close();
      grpc.close();
      const cancel = clock.after(LIMITS.drainMs, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
      cancel();
      grpc.end();
    },
  };
}

function addressOf(server: Server, { host }: ListenAddress): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
