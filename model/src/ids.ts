/**
 * Ids are branded strings: parsed or made once at the edge, never glued together by hand elsewhere.
 */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** 32 lower-case hex digits. 64-bit Zipkin ids are padded with zeros on the left. */
export type TraceId = Branded<string, 'TraceId'>;
/** 16 lower-case hex digits. */
export type SpanId = Branded<string, 'SpanId'>;
/** `r_` and 22 URL-safe characters; a pure function of the key or trace that names the run. */
export type RunId = Branded<string, 'RunId'>;
/** `<trace id>-<span id>`, with `.s` behind it for the server half of a span shared by both sides. */
export type StepId = Branded<string, 'StepId'>;
/** `f_` and 22 URL-safe characters; a pure function of rule, subject and cause. */
export type FindingId = Branded<string, 'FindingId'>;

const TRACE_ID_CHARS = 32;
const SPAN_ID_CHARS = 16;
const NO_TRACE_ID = '0'.repeat(TRACE_ID_CHARS);
const NO_SPAN_ID = '0'.repeat(SPAN_ID_CHARS);

/** @returns undefined unless the text is 32 hex digits (any case) that are not all zero. */
export function traceId(text: string): TraceId | undefined {
  const digits = digitsOf(text, TRACE_ID_CHARS);
  return digits === NO_TRACE_ID ? undefined : (digits as TraceId | undefined);
}

/** @returns undefined unless the text is 16 hex digits (any case) that are not all zero. */
export function spanId(text: string): SpanId | undefined {
  const digits = digitsOf(text, SPAN_ID_CHARS);
  return digits === NO_SPAN_ID ? undefined : (digits as SpanId | undefined);
}

/** Nearly all come in lower case: those are looked at once. */
function digitsOf(text: string, count: number): string | undefined {
  if (text.length !== count) return undefined;
  if (isHex(text)) return text;
  const digits = text.toLowerCase();
  return digits.length === count && isHex(digits) ? digits : undefined;
}

/** Lower-case digits only. Asked several times per span, where a regular expression would be noticed. */
function isHex(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && !(code >= 0x61 && code <= 0x66)) return false;
  }
  return true;
}

export function stepId(trace: TraceId, span: SpanId, isSharedServerHalf = false): StepId {
  return `${trace}-${span}${isSharedServerHalf ? '.s' : ''}` as StepId;
}

/** The trace in which a step was reported: the first part of its id. */
export function traceOfStep(id: StepId): TraceId {
  return id.slice(0, TRACE_ID_CHARS) as TraceId;
}

/** The span that a step was made of: the second part of its id. */
export function spanOfStep(id: StepId): SpanId {
  return id.slice(TRACE_ID_CHARS + 1, TRACE_ID_CHARS + 1 + SPAN_ID_CHARS) as SpanId;
}
