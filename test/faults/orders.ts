import { createHash } from 'node:crypto';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { span, type SpanDescription } from '@throughline/fixtures/build/span';
import type { Witnessed } from './history.js';

const RUN_KEY = 'throughline.key.order';
/** 1 January 2026, and odd to the nanosecond. */
const FIRST_NS = 1_767_225_600_123_456_789n;

export interface OrderOptions {
  /** Bytes that each span carries besides. */
  readonly ballastBytes?: number;
  readonly spanCount?: number;
  readonly startNs?: bigint;
}

/** One order as its services would tell it: so many spans of one trace, all of one run. */
export function order(
  number: number,
  { ballastBytes = 20, spanCount = 5, startNs = FIRST_NS }: OrderOptions = {},
): readonly SpanDescription[] {
  const trace = (number + 1).toString(16).padStart(32, '0');
  const rootId = idOf(number, 0);
  return Array.from({ length: spanCount }, (_, index) =>
    span({
      traceId: trace,
      spanId: idOf(number, index),
      parentSpanId: index === 0 ? null : rootId,
      service: 'shop',
      name: index === 0 ? 'place order' : `step ${String(index)}`,
      startNs: startNs + BigInt(number) * 1_000_003n + BigInt(index) * 1_001n,
      attributes: {
        [RUN_KEY]: `order-${String(number)}`,
        note: `ä ${noise(`${String(number)}.${String(index)}`, ballastBytes)}`,
      },
    }),
  );
}

/** Text of its own for each span, which no compression makes small. */
function noise(name: string, bytes: number): string {
  const outputLength = Math.ceil((bytes * 3) / 4);
  return createHash('shake256', { outputLength }).update(name).digest('base64');
}

function idOf(number: number, index: number): string {
  return ((BigInt(number) + 1n) * 0x1_0000n + BigInt(index) + 1n).toString(16).padStart(16, '0');
}

export function bodyOf(spans: readonly SpanDescription[]): string {
  return otlpJson(spans);
}

/** What a witness of the sending writes down. */
export function witnessedOf(one: SpanDescription): Witnessed {
  const { traceId, spanId, name, startNs, endNs, attributes, resource } = one;
  return witnessed({
    traceId,
    spanId,
    name,
    service: String(resource['service.name']),
    startNs,
    endNs,
    run: String(attributes[RUN_KEY]),
    note: String(attributes['note']),
  });
}

interface Contents {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly service: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly run: string;
  readonly note: string;
}

/** The digest is over every word, so that a change of any of them is seen. */
export function witnessed(contents: Contents): Witnessed {
  const { traceId, spanId, name, service, startNs, endNs, run, note } = contents;
  const words = [traceId, spanId, name, service, String(startNs), String(endNs), run, note];
  const said = createHash('sha256').update(JSON.stringify(words)).digest('base64url').slice(0, 16);
  return { id: `${traceId}.${spanId}`, said, run };
}

/** Reads a stored or exported OTLP/JSON body with nothing but a JSON parser. */
export function witnessedIn(otlpJsonText: string): readonly Witnessed[] {
  const { resourceSpans } = JSON.parse(otlpJsonText) as WireBody;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((one) =>
        witnessed({
          traceId: one.traceId,
          spanId: one.spanId,
          name: one.name,
          service: textOf(resource.attributes, 'service.name'),
          startNs: BigInt(one.startTimeUnixNano),
          endNs: BigInt(one.endTimeUnixNano),
          run: textOf(one.attributes, RUN_KEY),
          note: textOf(one.attributes, 'note'),
        }),
      ),
    ),
  );
}

interface WireBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly WireAttribute[];
}

interface WireAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

function textOf(attributes: readonly WireAttribute[], key: string): string {
  return attributes.find((one) => one.key === key)?.value.stringValue ?? '';
}
