import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as it came over OTLP/JSON, attributes unpacked. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** As OTLP numbers them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly service: unknown;
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface OtlpReceiver {
  readonly url: string;
  /** Everything that came, in order, snapshots included. */
  readonly arrived: ReceivedSpan[];
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly bytes: number }[];
  /** The last state of each span, by identity. */
  spans(): ReceivedSpan[];
  /** What the next requests are answered with: a status, or `'hold'` for no answer at all. */
  behave(answer: number | 'hold', headers?: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

/** A collector that only remembers: it takes OTLP/HTTP JSON on a free port of the loopback interface. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const arrived: ReceivedSpan[] = [];
  const requests: OtlpReceiver['requests'] = [];
  let answer: number | 'hold' = 200;
  let answerHeaders: Readonly<Record<string, string>> = {};
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      requests.push({ headers: request.headers, bytes: body.byteLength });
      if (answer === 'hold') return;
      const isJson = request.headers['content-type'] === 'application/json';
      if (answer === 200 && isJson) arrived.push(...spansOf(body));
      reply(response, answer, answerHeaders);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    arrived,
    requests,
    spans: () => [...new Map(arrived.map((span) => [span.traceId + span.spanId, span])).values()],
    behave: (next, headers = {}) => {
      answer = next;
      answerHeaders = headers;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(status === 200 ? '{}' : '');
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

interface WireAttribute {
  readonly key: string;
  readonly value: WireValue;
}

interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly WireValue[] };
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes?: readonly WireAttribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
}

interface WireRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

function spansOf(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body.toString()) as WireRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const owner = unpack(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        kind: span.kind,
        attributes: unpack(span.attributes ?? []),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
        status: span.status?.code ?? 0,
        service: owner['service.name'],
        resource: owner,
      })),
    );
  });
}

function unpack(attributes: readonly WireAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: WireValue): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(valueOf);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}
