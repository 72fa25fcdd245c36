import { spanId, traceId, type SpanId, type TraceId } from '@throughline/model/ids';
import type { AttributeValue, Attributes } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import { listedAttributes } from './listed-attributes.js';
import type { Rejected, RejectReason, WireEvent, WireKind, WireLink, WireSpan } from '../wire.js';

/** The greatest time that is taken: beyond it a 64-bit signed instant overflows (year 2262). */
const TIME_MAX = 2n ** 63n - 1n;

/** What is wrong with a span; the place is added when the span is refused. */
export interface Problem {
  readonly reason: RejectReason;
  readonly what: string;
}

/** A span while it is being read: whatever came, before it is judged. */
export interface SpanDraft {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  flags: number;
  name: string;
  kind: WireKind;
  startedAtNs: bigint;
  endedAtNs: bigint;
  attributes: Attributes;
  links: LinkDraft[];
  events: EventDraft[];
  status: WireSpan['status'];
  statusMessage: string;
  /** The first thing that was wrong; the span is refused for it. */
  problem: Problem | null;
  readonly keepsDoubles: boolean;
}

export interface LinkDraft {
  traceId: string;
  spanId: string;
  traceState: string;
  flags: number;
  attributes: Map<string, AttributeValue>;
}

export interface EventDraft {
  name: string;
  atNs: bigint;
  attributes: Map<string, AttributeValue>;
}

/** What the spans of one scope share. */
export interface SpanSurroundings {
  readonly resource: Attributes;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: Attributes;
  /** A fault of the resource or scope: every span below it is refused. */
  readonly problem: Problem | null;
}

const NO_ATTRIBUTES: Attributes = new Map();

export function newSpanDraft(keepsDoubles: boolean): SpanDraft {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: '',
    kind: 'unspecified',
    startedAtNs: 0n,
    endedAtNs: 0n,
    attributes: NO_ATTRIBUTES,
    links: [],
    events: [],
    status: 'unset',
    statusMessage: '',
    problem: null,
    keepsDoubles,
  };
}

/** Judges a draft: a span, or the reason why it is none. `place` goes in front of the reason. */
export function judge(
  draft: SpanDraft,
  surroundings: SpanSurroundings,
  place: () => string,
): WireSpan | Rejected {
  const trace = traceId(draft.traceId);
  const span = spanId(draft.spanId);
  const parent = spanId(draft.parentSpanId);
  const ids = { trace, span, parent };
  const problem = draft.problem ?? surroundings.problem ?? firstProblem(draft, ids);
  if (problem !== null || trace === undefined || span === undefined) {
    const { reason, what } = problem ?? { reason: 'malformed_span', what: 'unreadable ids' };
    return { reason, detail: `${place()}: ${what}` };
  }
  return {
    traceId: trace,
    spanId: span,
    parentSpanId: parent ?? null,
    name: draft.name,
    kind: draft.kind,
    startedAtNs: draft.startedAtNs as UnixNs,
    endedAtNs: draft.endedAtNs as UnixNs,
    attributes: listedAttributes(draft.attributes),
    links: judgedLinks(draft.links),
    events: draft.events as unknown as readonly WireEvent[],
    status: draft.status,
    statusMessage: draft.statusMessage,
    resource: surroundings.resource,
    scopeName: surroundings.scopeName,
    scopeVersion: surroundings.scopeVersion,
    scopeAttributes: surroundings.scopeAttributes,
    traceState: draft.traceState,
    flags: draft.flags,
    isShared: false,
    peer: null,
  };
}

export function isRejected(result: WireSpan | Rejected): result is Rejected {
  return 'reason' in result;
}

/** The ids of a draft that are ones. */
interface ReadIds {
  readonly trace: TraceId | undefined;
  readonly span: SpanId | undefined;
  readonly parent: SpanId | undefined;
}

function firstProblem(draft: SpanDraft, { trace, span, parent }: ReadIds): Problem | null {
  return (
    (trace === undefined ? idProblem('traceId', draft.traceId, 32) : null) ??
    (span === undefined ? idProblem('spanId', draft.spanId, 16) : null) ??
    (parent === undefined ? parentProblem(draft.parentSpanId) : null) ??
    timeProblem('startTimeUnixNano', draft.startedAtNs) ??
    timeProblem('endTimeUnixNano', draft.endedAtNs) ??
    linksProblem(draft.links) ??
    eventsProblem(draft.events)
  );
}

function idProblem(field: 'traceId' | 'spanId', id: string, digits: 32 | 16): Problem | null {
  const reason = field === 'traceId' ? 'invalid_trace_id' : 'invalid_span_id';
  if (id === '') return { reason, what: `${field} is missing` };
  if (!/^[0-9a-fA-F]*$/.test(id)) {
    return { reason, what: `${field} ${quoted(id)} is not hex; OTLP wants ${digits} hex digits` };
  }
  if (id.length !== digits) {
    return { reason, what: `${field} has ${id.length} hex digits instead of ${digits}` };
  }
  return /^0*$/.test(id) ? { reason, what: `${field} is all zero` } : null;
}

/** An empty or all-zero parent is no parent; a malformed one would hide a cause, so the span is refused. */
function parentProblem(id: string): Problem | null {
  if (id === '' || /^0*$/.test(id)) return null;
  const problem = idProblem('spanId', id, 16);
  return problem && { reason: problem.reason, what: `parentSpanId: ${problem.what}` };
}

export function timeProblem(field: string, at: bigint): Problem | null {
  if (at >= 0n && at <= TIME_MAX) return null;
  return { reason: 'invalid_time', what: `${field} ${at} lies outside 0 … 2^63-1 nanoseconds` };
}

function linksProblem(links: readonly LinkDraft[]): Problem | null {
  if (links.length > LIMITS.linksMax) {
    return { reason: 'too_many_links', what: `${links.length} links, at most ${LIMITS.linksMax}` };
  }
  for (const [index, link] of links.entries()) {
    if ((traceId(link.traceId) && spanId(link.spanId)) || isNowhere(link)) continue;
    const problem = idProblem('traceId', link.traceId, 32) ?? idProblem('spanId', link.spanId, 16);
    if (problem) return { reason: problem.reason, what: `links[${index}]: ${problem.what}` };
  }
  return null;
}

function eventsProblem(events: readonly EventDraft[]): Problem | null {
  if (events.length > LIMITS.eventsMax) {
    return {
      reason: 'too_many_events',
      what: `${events.length} events, at most ${LIMITS.eventsMax}`,
    };
  }
  for (const [index, event] of events.entries()) {
    const problem = timeProblem(`events[${index}].timeUnixNano`, event.atNs);
    if (problem) return problem;
  }
  return null;
}

/** SDKs may record a link to an invalid context for its attributes' sake: it leads nowhere and is left out. */
function isNowhere(link: LinkDraft): boolean {
  return /^0*$/.test(link.traceId) || /^0*$/.test(link.spanId);
}

function judgedLinks(links: readonly LinkDraft[]): readonly WireLink[] {
  if (links.length === 0) return NO_LINKS;
  const judged: WireLink[] = [];
  for (const link of links) {
    const trace = traceId(link.traceId);
    const span = spanId(link.spanId);
    if (trace && span) judged.push({ ...link, traceId: trace, spanId: span });
  }
  return judged;
}

const NO_LINKS: readonly WireLink[] = [];

/** What only OTLP has. */
export const NO_OTLP_DETAIL = {
  scopeVersion: '',
  scopeAttributes: new Map(),
  traceState: '',
  flags: 0,
} as const satisfies Partial<WireSpan>;

/** Foreign text for a message to people: in quotes, cut short, on one line. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** A foreign JSON value for a message to people, cut short. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  return String(value).slice(0, 60);
}
