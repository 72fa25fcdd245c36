import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** From so many headers on Node leaves out some in silence, and one of them may tell where the body ends. */
const HEADERS_MAX = 1_000;
const SOCKET_PATH = '/socket.io/';

/**
 * Answers a request that offers another protocol as if it did not (RFC 9110 section 7.8). Only WebSockets of live
 * views come to those who listen for upgrades now. Node hands over the bare connection as soon as anybody listens,
 * and has no way back in the versions that we run on: so the head, without the offer, is put back before what
 * follows it, and the connection begins anew.
 */
export function ignoreOtherUpgrades(server: Server): void {
  const listeners = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, rest: Buffer) => {
    if (isLiveView(request)) {
      for (const listener of listeners) listener.call(server, request, socket, rest);
      return;
    }
    socket.removeAllListeners();
    if (request.rawHeaders.length >= HEADERS_MAX * 2) {
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n');
      return;
    }
    socket.unshift(Buffer.concat([Buffer.from(headOf(request), 'latin1'), rest]));
    server.emit('connection', socket);
  });
}

function isLiveView({ url, headers }: IncomingMessage): boolean {
  const isWebSocket = headers.upgrade?.toLowerCase() === 'websocket';
  return isWebSocket && url?.startsWith(SOCKET_PATH) === true;
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method ?? ''} ${url ?? ''} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (/^connection$/i.test(name)) lines.push(`${name}: ${withoutOffer(value)}`);
    else if (!/^(upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${value}`);
  }
  return [...lines, '', ''].join('\r\n');
}

function withoutOffer(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !/^(upgrade|http2-settings)$/i.test(option)).join(', ');
}
