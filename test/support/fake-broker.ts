import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeBroker {
  readonly url: string;
  /** What was asked, in order: paths with their query. */
  readonly asked: string[];
  /** Of the last request; undefined when it had none. */
  authorization(): string | undefined;
  /** Answers by the path without its query; other paths are 404. */
  answers: Readonly<Record<string, unknown>>;
  /** Instead of the answers; null: the answers. */
  behave: ((response: ServerResponse) => void) | null;
  close(): Promise<void>;
}

/** An HTTP server that answers as brokers do on their good and their bad days. */
export async function fakeBroker(
  answers: Readonly<Record<string, unknown>> = {},
): Promise<FakeBroker> {
  let authorization: string | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    fake.asked.push(path);
    authorization = request.headers.authorization;
    if (fake.behave !== null) return fake.behave(response);
    const answer = fake.answers[path.split('?')[0] ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'not found' }));
  });
  const fake: FakeBroker = {
    url: '',
    asked: [],
    authorization: () => authorization,
    answers,
    behave: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, { url: `http://127.0.0.1:${String(port)}` });
}

/** What the management API of RabbitMQ answers for these queues and bindings, recorded from 3.10 in its shape. */
export function rabbitAnswers(
  queues: readonly Readonly<Record<string, unknown>>[],
  bindings: readonly (readonly [source: string, destination: string, key: string])[] = [],
): Readonly<Record<string, unknown>> {
  const exchanges = [...new Set(bindings.map(([source]) => source))];
  return {
    '/api/queues/%2F': { items: queues, page: 1, page_count: 1, page_size: 500 },
    '/api/bindings/%2F': bindings.map(([source, destination, routing_key]) => ({
      source,
      destination,
      destination_type: 'queue',
      routing_key,
      arguments: {},
    })),
    '/api/exchanges/%2F': exchanges.map((name) => ({ name, type: 'topic' })),
  };
}
