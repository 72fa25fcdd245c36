import { parseJson } from '../../decode/json-text.js';
import type { BodyFormat } from '../../wire.js';
import type { ImportFormat } from './detect-format.js';
import { jaegerSpans, type JaegerSpan } from './jaeger.js';

/** Something that can be sent: one element of a list, or the spans of one trace, with its place for people. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly place: string;
}

/** One request. */
export interface Batch {
  readonly route: string;
  readonly contentType: string;
  readonly format: BodyFormat;
  readonly body: Uint8Array;
  readonly parts: readonly Part[];
  /** The place in the file, in front of what the decoder says of a place in the body. */
  readonly located: (detail: string) => string;
}

/** Bytes of one request: large enough to cost little, small enough that nobody waits long behind it. */
const BATCH_BYTES = 256 * 1024;

const OTLP = { route: '/v1/traces', contentType: 'application/json', format: 'otlp-json' } as const;

const WAYS: Readonly<Record<Exclude<ImportFormat, 'jaeger'>, Way>> = {
  'otlp-json': { ...OTLP, bracket: ['{"resourceSpans":[', ',', ']}'] },
  'otlp-protobuf': {
    route: '/v1/traces',
    contentType: 'application/x-protobuf',
    format: 'otlp-protobuf',
    bracket: ['', '', ''],
  },
  zipkin: {
    route: '/api/v2/spans',
    contentType: 'application/json',
    format: 'zipkin-json',
    bracket: ['[', ',', ']'],
  },
  cloudevents: {
    route: '/v1/events',
    contentType: 'application/cloudevents-batch+json',
    format: 'cloudevents-batch',
    bracket: ['[', ',', ']'],
  },
};

interface Way {
  readonly route: string;
  readonly contentType: string;
  readonly format: BodyFormat;
  readonly bracket: readonly [open: string, between: string, close: string];
}

/** Parts one after the other in one body, byte for byte as they stood in the file. */
export function batchOf(format: Exclude<ImportFormat, 'jaeger'>, parts: readonly Part[]): Batch {
  const { bracket, ...way } = WAYS[format];
  const [open, between, close] = bracket;
  const bytes = parts.flatMap(({ bytes: part }, index) =>
    index === 0 ? [part] : [Buffer.from(between), part],
  );
  return {
    ...way,
    body: Buffer.concat([Buffer.from(open), ...bytes, Buffer.from(close)]),
    parts,
    located: (detail) => {
      const index = /^(?:resourceSpans)?\[(\d+)\]/.exec(detail);
      const part = parts[Number(index?.[1] ?? 0)];
      return `${part?.place ?? ''}${index === null ? `: ${detail}` : detail.slice(index[0].length)}`;
    },
  };
}

/** Gathers parts until they fill a request. */
export class Batches {
  readonly #format: Exclude<ImportFormat, 'jaeger'>;
  #parts: Part[] = [];
  #bytes = 0;

  constructor(format: Exclude<ImportFormat, 'jaeger'>) {
    this.#format = format;
  }

  /** @returns the request that the part before filled. */
  add(part: Part): Batch | null {
    const full = this.#bytes + part.bytes.length > BATCH_BYTES ? this.take() : null;
    this.#parts.push(part);
    this.#bytes += part.bytes.length;
    return full;
  }

  /** @returns what was gathered; null when that is nothing. */
  take(): Batch | null {
    if (this.#parts.length === 0) return null;
    const batch = batchOf(this.#format, this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return batch;
  }
}

/** The spans of a value of a Jaeger file as OTLP/JSON requests; null when it holds none. */
export function jaegerBatches({ bytes, place }: Part): readonly Batch[] | null {
  const spans = jaegerSpans(parseJson(bytes));
  if (spans === null) return null;
  const batches: Batch[] = [];
  let entries: JaegerEntry[] = [];
  let size = 0;
  for (const [index, span] of spans.entries()) {
    const text = JSON.stringify(span.span);
    if (size + text.length > BATCH_BYTES && entries.length > 0) {
      batches.push(jaegerBatch(entries));
      entries = [];
      size = 0;
    }
    entries.push({ ...span, text, place: spans.length > 1 ? `${place}.spans[${index}]` : place });
    size += text.length;
  }
  if (entries.length > 0) batches.push(jaegerBatch(entries));
  return batches;
}

interface JaegerEntry extends JaegerSpan {
  readonly text: string;
  readonly place: string;
}

function jaegerBatch(entries: readonly JaegerEntry[]): Batch {
  const groups = new Map<string, JaegerEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.group);
    if (group === undefined) groups.set(entry.group, [entry]);
    else group.push(entry);
  }
  const lists = [...groups.values()];
  const texts = lists.map((list) => {
    const [first] = list;
    const spans = list.map(({ text }) => text).join(',');
    const scope = `"scope":${JSON.stringify(first?.scope ?? {})}`;
    return `{"resource":${JSON.stringify(first?.resource ?? {})},"scopeSpans":[{${scope},"spans":[${spans}]}]}`;
  });
  const body = Buffer.from(`{"resourceSpans":[${texts.join(',')}]}`);
  return {
    ...OTLP,
    body,
    parts: [{ bytes: body, place: entries[0]?.place ?? '' }],
    located: (detail) => {
      const found = /^resourceSpans\[(\d+)\]\.scopeSpans\[0\]\.spans\[(\d+)\]/.exec(detail);
      const entry = lists[Number(found?.[1] ?? 0)]?.[Number(found?.[2] ?? 0)];
      return `${entry?.place ?? ''}${found === null ? `: ${detail}` : detail.slice(found[0].length)}`;
    },
  };
}
