import type { StepRole } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import type { AttributeReader } from './attribute-reader.js';
import { spelling } from './spelling.js';

const PEER = spelling('peer.service', 'service.peer.name');

/** The protocol of a call: `http`, `rpc`, `db`, `gen_ai` …; null when nothing tells. */
export function callSystemOf(role: StepRole, reader: AttributeReader): string | null {
  if (role !== 'call' && role !== 'serve') return null;
  if (reader.text('db.system.name', 'db.system') !== null) return 'db';
  if (reader.text('rpc.system.name', 'rpc.system') !== null) return 'rpc';
  if (reader.text('http.request.method', 'http.method') !== null) return 'http';
  if (reader.text('gen_ai.operation.name', 'gen_ai.system') !== null) return 'gen_ai';
  if (reader.text('graphql.operation.type') !== null) return 'graphql';
  return null;
}

/**
 * The name of the other side, as this side's telemetry gives it: what the protocol or the instrumentation calls a
 * service first, then, for a call, the best name of what was called.
 */
export function peerOf(span: WireSpan, role: StepRole, reader: AttributeReader): string | null {
  const named = span.peer ?? reader.text(PEER);
  if (named !== null || role !== 'call') return named;
  const database = reader.text('db.system.name', 'db.system');
  const address = reader.text('server.address', 'net.peer.name', 'http.host');
  if (database !== null) return address ?? reader.text('db.namespace', 'db.name') ?? database;
  const faas = reader.text('faas.invoked_name');
  const rpc = reader.text('rpc.service');
  return faas ?? address ?? hostOf(reader.text('url.full', 'http.url')) ?? rpc;
}

function hostOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  return new URL(url).hostname || null;
}
