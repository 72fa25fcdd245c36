import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { decodeNaively, type NaiveSpan } from './naive-decode.js';

/**
 * The naive reference: how one writes it at first. Decode every span to an object, tie the runs in a Map of objects,
 * write a row a span with three indexes over text, and acknowledge after the commit (WAL, synchronous=FULL). The
 * collector is measured against it on the same machine and the same bodies, so that the figure travels.
 */
const [, , folder = '.'] = process.argv;

const database = new Database(join(folder, 'naive.db'));
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE spans (
    id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL, span_id TEXT NOT NULL, parent_id TEXT, service TEXT, name TEXT,
    kind INTEGER, start_ns INTEGER, end_ns INTEGER, status INTEGER, correlation_id TEXT, message_id TEXT,
    destination TEXT, operation TEXT, workflow TEXT, tenant TEXT, attributes TEXT, links TEXT);
  CREATE INDEX spans_by_trace ON spans (trace_id);
  CREATE INDEX spans_by_correlation ON spans (correlation_id);
  CREATE INDEX spans_by_message ON spans (message_id);`);
const insert =
  database.prepare(`INSERT INTO spans (trace_id, span_id, parent_id, service, name, kind, start_ns,
  end_ns, status, correlation_id, message_id, destination, operation, workflow, tenant, attributes, links)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

interface NaiveRun {
  readonly services: Set<string>;
  readonly steps: { readonly spanId: string; readonly name: string; readonly startNs: bigint }[];
  lastNs: bigint;
}
const runs = new Map<string, NaiveRun>();

const text = (span: NaiveSpan, name: string): string | null => {
  const value = span.attributes[name];
  return value === undefined ? null : String(value);
};

function stitch(span: NaiveSpan, key: string): void {
  const run = runs.get(key) ?? { services: new Set(), steps: [], lastNs: 0n };
  runs.set(key, run);
  run.services.add(span.service);
  run.steps.push({ spanId: span.spanId, name: span.name, startNs: span.startNs });
  if (span.endNs > run.lastNs) run.lastNs = span.endNs;
}

const store = database.transaction((spans: readonly NaiveSpan[]) => {
  for (const span of spans) {
    const key = text(span, 'messaging.message.conversation_id');
    stitch(span, key ?? span.traceId);
    insert.run(
      ...[span.traceId, span.spanId, span.parentId, span.service, span.name, span.kind],
      ...[span.startNs, span.endNs, span.status, key, text(span, 'messaging.message.id')],
      ...[text(span, 'messaging.destination.name'), text(span, 'messaging.operation.type')],
      ...[text(span, 'throughline.workflow.name'), text(span, 'tenant.id')],
      ...[JSON.stringify(span.attributes), JSON.stringify(span.links)],
    );
  }
});

let stored = 0;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const isGzip = request.headers['content-encoding'] === 'gzip';
  const isJson = request.headers['content-type'] === 'application/json';
  const spans = decodeNaively(isGzip ? gunzipSync(body) : body, isJson);
  store(spans);
  stored += spans.length;
  response.end(isJson ? '{}' : '');
}

const server = createServer((request, response) => {
  if (request.method === 'POST') void take(request, response);
  else response.end(JSON.stringify({ stored, runs: runs.size }));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`naive ready at http://127.0.0.1:${String(port)}\n`);
});
process.on('SIGTERM', () => {
  database.close();
  process.exit(0);
});
