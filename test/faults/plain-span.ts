import type { OtlpJson } from '../../collector/src/decode/otlp-encoder.case.js';

/** A span of OTLP/JSON, told in one way only, so that what was sent and what is read back can be compared. */
export interface PlainSpan {
  readonly id: string;
  readonly [field: string]: unknown;
}

interface Wire {
  readonly [name: string]: unknown;
}

/** Of keys that occur twice the last one counts; the order of keys means nothing; 64-bit integers are text. */
export function plainSpansOf(request: OtlpJson): readonly PlainSpan[] {
  return list(request['resourceSpans']).flatMap((group) => {
    const resource = attributes((group['resource'] as Wire | undefined)?.['attributes']);
    return list(group['scopeSpans']).flatMap((scoped) =>
      list(scoped['spans']).map((span) => plainSpan(span, resource)),
    );
  });
}

function plainSpan(span: Wire, resource: unknown): PlainSpan {
  return {
    id: `${text(span['traceId']).toLowerCase()}.${text(span['spanId']).toLowerCase()}`,
    parent: text(span['parentSpanId']).toLowerCase(),
    name: text(span['name']),
    startNs: text(span['startTimeUnixNano']),
    endNs: text(span['endTimeUnixNano']),
    attributes: attributes(span['attributes']),
    events: list(span['events']).map((event) => ({
      name: text(event['name']),
      at: text(event['timeUnixNano']),
      attributes: attributes(event['attributes']),
    })),
    links: list(span['links']).map((link) => ({
      to: `${text(link['traceId'])}.${text(link['spanId'])}`,
      attributes: attributes(link['attributes']),
    })),
    resource,
  };
}

function attributes(keyValues: unknown): readonly (readonly [string, unknown])[] {
  const values = new Map(
    list(keyValues).map((one) => [text(one['key']), plainValue(one['value'])]),
  );
  return [...values].sort(([one], [other]) => (one < other ? -1 : 1));
}

function plainValue(value: unknown): unknown {
  const [[kind, inner] = ['none', null]] = Object.entries((value ?? {}) as Wire);
  if (kind === 'intValue') return ['int', text(inner)];
  if (kind === 'doubleValue') return ['double', Object.is(inner, -0) ? '-0' : text(inner)];
  if (kind === 'arrayValue') return ['list', list((inner as Wire)['values']).map(plainValue)];
  if (kind === 'kvlistValue') return ['map', attributes((inner as Wire)['values'])];
  // The last character of base64 may carry bits that mean nothing.
  if (kind === 'bytesValue') return ['bytes', Buffer.from(text(inner), 'base64').toString('hex')];
  return [kind, inner];
}

function list(value: unknown): readonly Wire[] {
  return Array.isArray(value) ? (value as Wire[]) : [];
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value as string);
}
