import { CliFault, EXIT } from '../exit-code.js';

export const IMPORT_FORMATS = [
  'otlp-json',
  'otlp-protobuf',
  'zipkin',
  'jaeger',
  'cloudevents',
] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** How the spans of a file lie in it. */
export interface FileShape {
  readonly format: ImportFormat;
  /** JSON: the member of a document that lists what is wanted; null: documents and lists hold it themselves. */
  readonly unwrap: string | null;
  /** JSON: every line is a document. */
  readonly isLines: boolean;
  /** Protobuf: every message has its length before it, as the file exporter of the OpenTelemetry collector writes. */
  readonly isDelimited: boolean;
}

/** Bytes that the format is told from. */
export const HEAD_BYTES = 1024 * 1024;

/** Names of members that were found, by the place of their object: `{`, `[{`, `{data[{`, `{_source{`. */
type Outline = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Tells from the first bytes of a file what it is.
 *
 * @param wanted what the user said; null: find out.
 * @throws CliFault when it is nothing that can be imported.
 */
export function detectShape(
  head: Uint8Array,
  file: string,
  wanted: ImportFormat | null,
): FileShape {
  if (!isText(head)) {
    const isDelimited = head[0] === 0;
    const first = isDelimited ? head[4] : head[0];
    if (wanted === 'otlp-protobuf' || (wanted === null && first === RESOURCE_SPANS_TAG)) {
      return { format: 'otlp-protobuf', unwrap: null, isLines: false, isDelimited };
    }
    const what = wanted === null ? 'is neither JSON nor an OTLP request' : `is no ${wanted}`;
    throw new CliFault(EXIT.usage, `${file} ${what}: it is not text`, KNOWN);
  }
  // The decoder takes a byte order mark away; a record separator (RFC 7464) may stand before each document.
  const text = new TextDecoder().decode(head).replaceAll('\u001E', '').trimStart();
  if (text === '') throw new CliFault(EXIT.usage, `${file} is empty`);
  const isLines = hasLines(text);
  const outline = outlineOf(text);
  const format = wanted ?? formatOf(outline, file);
  return { format, unwrap: unwrapOf(format, outline), isLines, isDelimited: false };
}

/** Field 1, length-delimited: `resource_spans` of an ExportTraceServiceRequest. */
export const RESOURCE_SPANS_TAG = 0x0a;

const KNOWN =
  'Importable are OTLP (JSON, one request per line, or protobuf), Zipkin v2 JSON, Jaeger JSON and CloudEvents, each also gzipped; --format says which it is.';

/** Control characters other than white space and record separators are in every OTLP message and in no JSON. */
function isText(head: Uint8Array): boolean {
  return !head.subarray(0, 4096).some((byte) => byte < 0x20 && !TEXT_CONTROLS.has(byte));
}
const TEXT_CONTROLS = new Set([0x09, 0x0a, 0x0d, 0x1e]);

function formatOf(outline: Outline, file: string): ImportFormat {
  const has = (place: string, ...names: readonly string[]): boolean =>
    names.every((name) => outline.get(place)?.has(name) === true);
  const either = (...names: readonly string[]): boolean =>
    has('{', ...names) || has('[{', ...names) || has('[[{', ...names);
  if (has('{', 'resourceSpans') || has('{', 'resource_spans')) return 'otlp-json';
  if (either('specversion')) return 'cloudevents';
  if (has('{data[{', 'traceID') || has('{data[{', 'spans')) return 'jaeger';
  if (either('traceID') || has('{_source{', 'traceID')) return 'jaeger';
  if (either('spans', 'processes')) return 'jaeger';
  if (either('traceId', 'id')) return 'zipkin';
  const signal = ['resourceLogs', 'resourceMetrics'].find((name) => has('{', name));
  if (signal !== undefined) {
    throw new CliFault(EXIT.usage, `${file} holds ${signal}: only spans can be imported`);
  }
  if (has('{', 'hits')) {
    const remedy = "Give one document per line, such as `jq -c '.hits.hits[]'` makes of it.";
    throw new CliFault(EXIT.usage, `${file} is the answer to a search of Elasticsearch`, remedy);
  }
  const names = [...(outline.get('{') ?? outline.get('[{') ?? [])].slice(0, 5).join(', ');
  const found = names === '' ? 'nothing in it says what it is' : `it has ${names}`;
  throw new CliFault(EXIT.usage, `${file} has no resourceSpans and no spans: ${found}`, KNOWN);
}

function unwrapOf(format: ImportFormat, outline: Outline): string | null {
  const top = outline.get('{');
  if (format === 'otlp-json') return 'resourceSpans';
  return format === 'jaeger' && top?.has('data') === true ? 'data' : null;
}

/** Whether the first line is a whole document and is not alone. */
function hasLines(text: string): boolean {
  const end = text.indexOf('\n');
  const first = end < 0 ? '' : text.slice(0, end);
  if (!/^\{.*\}\s*$/.test(first)) return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}

/** Members that are enough to tell the formats apart are near the top; deeper ones are passed over. */
const DEPTH_MAX = 3;

function outlineOf(text: string): Outline {
  const found = new Map<string, Set<string>>();
  /** What is open: the place of each object and list. */
  const open: string[] = [];
  let name = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === '{' || token === '[') {
      const around = open.at(-1) ?? '';
      open.push(around + (around.endsWith('{') ? name : '') + token);
    } else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':') && open.length <= DEPTH_MAX) {
      name = token.slice(1, token.lastIndexOf('"'));
      const place = open.at(-1) ?? '';
      const names = found.get(place) ?? new Set<string>();
      found.set(place, names.add(name));
    }
  }
  return found;
}
