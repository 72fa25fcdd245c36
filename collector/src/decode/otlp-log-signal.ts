import { parseInstant } from '@throughline/model/time';
import type { AttributeValue, StepSignal } from '@throughline/model/step';
import type { Decoded, Rejected, WireSpan } from '../wire.js';
import { readInteger } from './otlp-json-value.js';
import {
  isRejected,
  judge,
  newSpanDraft,
  shown,
  type Problem,
  type SpanSurroundings,
} from './span-draft.js';

/**
 * What a log record must say to be a signal, in its EventName or, before OTLP had that field, in the attribute
 * `event.name`. Everything else that is logged is no affair of ours.
 */
const SIGNALS: ReadonlyMap<unknown, StepSignal> = new Map([
  ['throughline.step.start', 'start'],
  ['throughline.step.heartbeat', 'heartbeat'],
  ['throughline.step.end', 'end'],
]);
/** Where the severities of the kind ERROR begin (OTLP, enum SeverityNumber). */
const SEVERITY_ERROR = 17;

/** A log record while it is being read. */
export interface LogDraft {
  traceId: string;
  spanId: string;
  flags: number;
  atNs: bigint;
  /** When a collector saw it: the time of a record that names none of its own. */
  observedAtNs: bigint;
  severity: number;
  eventName: string;
  attributes: Map<string, AttributeValue>;
  problem: Problem | null;
  readonly keepsDoubles: boolean;
}

export function newLogDraft(keepsDoubles: boolean): LogDraft {
  return {
    traceId: '',
    spanId: '',
    flags: 0,
    atNs: 0n,
    observedAtNs: 0n,
    severity: 0,
    eventName: '',
    attributes: new Map(),
    problem: null,
    keepsDoubles,
  };
}

/** Where the records of one request go: signals become spans, the others are counted. */
export class LogSorter {
  readonly #receivedAtNs: bigint;
  readonly #spans: WireSpan[] = [];
  readonly #rejected: Rejected[] = [];
  #ignored = 0;

  /** @param receivedAtNs the time of a record that says none at all. */
  constructor(receivedAtNs: bigint) {
    this.#receivedAtNs = receivedAtNs;
  }

  get decoded(): Decoded {
    return { spans: this.#spans, rejected: this.#rejected, ignored: this.#ignored };
  }

  take(draft: LogDraft, surroundings: SpanSurroundings, place: () => string): void {
    const signal = SIGNALS.get(draft.eventName) ?? SIGNALS.get(draft.attributes.get('event.name'));
    if (signal === undefined) {
      this.#ignored += 1;
      return;
    }
    const judged = judge(this.#spanDraft(draft, signal), surroundings, place);
    if (isRejected(judged)) this.#rejected.push(judged);
    else this.#spans.push({ ...judged, signal });
  }

  ignore(): void {
    this.#ignored += 1;
  }

  #spanDraft(draft: LogDraft, signal: StepSignal) {
    const { attributes } = draft;
    const atNs = draft.atNs || draft.observedAtNs || this.#receivedAtNs;
    const span = newSpanDraft(draft.keepsDoubles);
    const { traceId, spanId, flags, problem } = draft;
    Object.assign(span, { traceId, spanId, flags, problem, attributes });
    span.parentSpanId = textOf(attributes.get('throughline.step.parent_span_id'));
    span.name = textOf(attributes.get('throughline.step.name'));
    span.kind = 'internal';
    span.startedAtNs = this.#startOf(attributes.get('throughline.step.started_at'), atNs, span);
    span.endedAtNs = atNs;
    const isFailed = draft.severity >= SEVERITY_ERROR || attributes.has('error.type');
    if (signal === 'end' && isFailed) span.status = 'error';
    return span;
  }

  /** Unix nanoseconds as a number or text, or RFC 3339; of a record that does not say it, its own time. */
  #startOf(
    value: AttributeValue | undefined,
    atNs: bigint,
    span: { problem: Problem | null },
  ): bigint {
    if (value === undefined || value === null || value === '') return atNs;
    const text = typeof value === 'bigint' ? String(value) : value;
    const at =
      typeof text === 'string' || typeof text === 'number'
        ? (readInteger(text) ?? parseInstant(String(text)))
        : undefined;
    if (at !== undefined) return at;
    const what = `throughline.step.started_at ${shown(value)} is no instant: send Unix nanoseconds or RFC 3339`;
    span.problem ??= { reason: 'invalid_time', what };
    return atNs;
  }
}

function textOf(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
