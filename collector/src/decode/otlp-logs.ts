import { Fault } from '../errors.js';
import { isObject, listOf, parseJson, type Json, type JsonObject } from './json-text.js';
import { ProtobufReader, type Slice } from './protobuf-reader.js';

/**
 * Counts the records of an ExportLogsServiceRequest.
 *
 * @throws Fault BODY_UNREADABLE when the body is none.
 */
export function countLogRecords(encoding: 'json' | 'protobuf', body: Uint8Array): number {
  if (encoding === 'json') return countJson(parseJson(body));
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // resource_logs = 1, in it scope_logs = 2, in it log_records = 2.
  return fieldsAt(bytes, { from: 0, to: bytes.length }, 1)
    .flatMap((resourceLogs) => fieldsAt(bytes, resourceLogs, 2))
    .reduce((sum, scopeLogs) => sum + fieldsAt(bytes, scopeLogs, 2).length, 0);
}

function countJson(request: Json): number {
  if (!isObject(request)) {
    throw new Fault('BODY_UNREADABLE', 'The JSON body is not an object with resourceLogs.');
  }
  return objectsIn(request, 'resourceLogs')
    .flatMap((resourceLogs) => objectsIn(resourceLogs, 'scopeLogs'))
    .reduce((sum, scopeLogs) => sum + listOf(scopeLogs, 'logRecords', '').length, 0);
}

function objectsIn(object: JsonObject, name: string): readonly JsonObject[] {
  return listOf(object, name, '').filter(isObject);
}

/** The places of a length-delimited field. */
function fieldsAt(bytes: Buffer, slice: Slice, field: number): readonly Slice[] {
  const reader = new ProtobufReader(bytes, slice);
  const found: Slice[] = [];
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === ((field << 3) | 2)) found.push(reader.slice());
    else reader.skip(tag & 7);
  }
  return found;
}
