import { Fault } from '../errors.js';
import type { Decoded } from '../wire.js';
import type { Problems } from './attribute-value.js';
import { field, isObject, listOf, parseJson, textField, type JsonObject } from './json-text.js';
import { envelope, flagsOf, readScope, time } from './otlp-json.js';
import { readAttributes, readInteger } from './otlp-json-value.js';
import type { LogReading } from './otlp-log-protobuf.js';
import { LogSorter, newLogDraft, type LogDraft } from './otlp-log-signal.js';
import type { SpanSurroundings } from './span-draft.js';

/**
 * Reads an ExportLogsServiceRequest in OTLP/JSON: step signals become spans, other records are counted.
 *
 * @throws Fault BODY_UNREADABLE when the body is not JSON or its envelope is not the one of the protocol.
 */
export function decodeOtlpLogsJson(body: Uint8Array, reading: LogReading): Decoded {
  const request = parseJson(body);
  if (!isObject(request)) {
    throw new Fault('BODY_UNREADABLE', 'The JSON body is not an object with resourceLogs.');
  }
  const sorter = new LogSorter(reading.receivedAtNs);
  for (const [index, entry] of listOf(request, 'resourceLogs', '').entries()) {
    const place = `resourceLogs[${index}]`;
    readResourceLogs(envelope(entry, place), place, { sorter, keepsDoubles: reading.keepsDoubles });
  }
  return sorter.decoded;
}

function readResourceLogs(
  entry: JsonObject,
  place: string,
  { sorter, keepsDoubles }: { readonly sorter: LogSorter; readonly keepsDoubles: boolean },
): void {
  const problems: Problems = { problem: null, keepsDoubles };
  const raw = field(entry, 'resource');
  const given = isObject(raw) ? field(raw, 'attributes') : undefined;
  const resource = readAttributes(given, 'resource.attributes', problems);
  for (const [index, scope] of listOf(entry, 'scopeLogs', `${place}.`).entries()) {
    const scopePlace = `${place}.scopeLogs[${index}]`;
    const object = envelope(scope, scopePlace);
    const surroundings: SpanSurroundings = {
      resource,
      ...readScope(field(object, 'scope'), keepsDoubles),
      problem: problems.problem,
    };
    for (const [at, log] of listOf(object, 'logRecords', `${scopePlace}.`).entries()) {
      if (!isObject(log)) sorter.ignore();
      else {
        const draft = readLog(log, keepsDoubles);
        sorter.take(draft, surroundings, () => `${scopePlace}.logRecords[${at}]`);
      }
    }
  }
}

function readLog(log: JsonObject, keepsDoubles: boolean): LogDraft {
  const draft = newLogDraft(keepsDoubles);
  draft.traceId = textField(log, 'traceId');
  draft.spanId = textField(log, 'spanId');
  draft.flags = flagsOf(log);
  draft.atNs = time(log, 'timeUnixNano', draft);
  draft.observedAtNs = time(log, 'observedTimeUnixNano', draft);
  draft.severity = Number(readInteger(field(log, 'severityNumber')) ?? 0n);
  draft.eventName = textField(log, 'eventName');
  draft.attributes = readAttributes(field(log, 'attributes'), 'attributes', draft);
  return draft;
}
