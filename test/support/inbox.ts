import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Letter {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export interface Inbox {
  readonly url: string;
  /** Everything that came, in order, also what was then refused. */
  readonly letters: Letter[];
  /** How the next requests are answered: a status with headers, or by hand. */
  behave(answer: Answer): void;
  close(): Promise<void>;
}

export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | ((response: ServerResponse) => void);

/** Somebody who takes alerts: a real HTTP server on a free port of the loopback interface. */
export async function openInbox(port = 0): Promise<Inbox> {
  const letters: Letter[] = [];
  let answer: Answer = { status: 200 };
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      const text = bytes.toString('utf8');
      const body = JSON.parse(text) as Record<string, unknown>;
      letters.push({ path: request.url ?? '', headers: request.headers, text, body });
      if (typeof answer === 'function') answer(response);
      else response.writeHead(answer.status, answer.headers).end('thank you');
    });
  });
  server.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(taken)}`,
    letters,
    behave: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
