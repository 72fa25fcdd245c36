import { gzipSync } from 'node:zlib';
import type { Batch } from '../stream/span-stream.js';
import { encodeJson, encodeProtobuf } from './encode-batch.js';

/** How a body goes over the wire: its format and whether it is compressed, as the Collector's exporters do. */
export const ENCODINGS = ['protobuf+gzip', 'json+gzip', 'protobuf', 'json'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** gzip's own default level, which exporters use. */
const GZIP_LEVEL = 6;

export function isGzip(encoding: Encoding): boolean {
  return encoding.endsWith('+gzip');
}

export function encode(batch: Batch, encoding: Encoding): Buffer {
  const plain = encoding.startsWith('json') ? encodeJson(batch) : encodeProtobuf(batch);
  return isGzip(encoding) ? gzipSync(plain, { level: GZIP_LEVEL }) : plain;
}

export function headersOf(encoding: Encoding): Readonly<Record<string, string>> {
  const type = encoding.startsWith('json') ? 'application/json' : 'application/x-protobuf';
  return {
    'content-type': type,
    ...(isGzip(encoding) ? { 'content-encoding': 'gzip' } : {}),
  };
}
