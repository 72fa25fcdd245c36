import { requestType } from '../wire/otlp-schema.js';

export interface NaiveSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

type Long = { readonly low: number; readonly high: number } | string | number;
type Id = Uint8Array | string;
interface Value {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: Long;
  readonly doubleValue?: number;
}
interface KeyValue {
  readonly key: string;
  readonly value?: Value | null;
}
interface Request {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] } | null;
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}
interface WireSpan {
  readonly traceId: Id;
  readonly spanId: Id;
  readonly parentSpanId?: Id | null;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: Long;
  readonly endTimeUnixNano: Long;
  readonly attributes?: readonly KeyValue[];
  readonly links?: readonly { readonly traceId: Id; readonly spanId: Id }[];
  readonly status?: { readonly code?: number } | null;
}

/** Every span of a request as an object of its own, with all that it says. */
export function decodeNaively(body: Uint8Array, isJson: boolean): readonly NaiveSpan[] {
  const request = (
    isJson ? JSON.parse(Buffer.from(body).toString()) : requestType.decode(body)
  ) as Request;
  return (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource?.attributes)['service.name']);
    return (scopeSpans ?? []).flatMap(({ spans }) =>
      (spans ?? []).map((span) => naiveSpan(span, service)),
    );
  });
}

function naiveSpan(span: WireSpan, service: string): NaiveSpan {
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentId: span.parentSpanId?.length ? hex(span.parentSpanId) : null,
    service,
    name: span.name,
    kind: span.kind ?? 0,
    startNs: big(span.startTimeUnixNano),
    endNs: big(span.endTimeUnixNano),
    status: span.status?.code ?? 0,
    attributes: attributesOf(span.attributes),
    links: (span.links ?? []).map((link) => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
    })),
  };
}

function attributesOf(list: readonly KeyValue[] = []): Record<string, string | number | boolean> {
  const made: Record<string, string | number | boolean> = {};
  for (const { key, value } of list) {
    if (value?.stringValue !== undefined && value.stringValue !== '') made[key] = value.stringValue;
    else if (value?.intValue !== undefined) made[key] = Number(big(value.intValue));
    else made[key] = value?.doubleValue ?? value?.boolValue ?? '';
  }
  return made;
}

function hex(id: Id): string {
  return typeof id === 'string' ? id : Buffer.from(id).toString('hex');
}

function big(value: Long): bigint {
  if (typeof value !== 'object') return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}
