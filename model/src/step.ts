import type { Key } from './key.js';
import type { SpanId, StepId, TraceId } from './ids.js';
import type { UnixNs } from './time.js';

/**
 * What a step does in the flow, decided by `normalize` from messaging operation first, span kind second.
 *
 * - `send`: hands messages to a destination · `take`: processes messages · `fetch`: pulls messages
 *   without processing them · `settle`: ack, nack, reject, complete …
 * - `call`: asks another service and waits · `serve`: answers such a call · `work`: anything inside a service
 */
export type StepRole = 'send' | 'take' | 'fetch' | 'settle' | 'call' | 'serve' | 'work';

/** Declared by the instrumentation (`throughline.step.kind`), where it said more than the role does. */
export type DeclaredKind = 'task' | 'decision' | 'approval' | 'timer' | 'compensation';

export type StepStatus = 'pending' | 'ok' | 'error';

/** What a log record may say of a step: that it starts, still lives, or ends. */
export type StepSignal = 'start' | 'heartbeat' | 'end';

export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };

/** Names are hostile input: always a Map, so that `__proto__` is a name like any other. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** Why a message was dead-lettered, as far as the step tells. */
export interface DeadLetter {
  /** `rejected`, `expired`, `maxlen`, `delivery_limit`, an exception name … */
  readonly reason: string;
  /** The destination that the message was in before. */
  readonly source: string | null;
  /** The exception's message or another free text, if one is known. */
  readonly detail: string | null;
}

/** A reference from a step to the message (or other step) that led to it. */
export interface StepLink {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** Message id and destination of this message of a batch, where the link carries them. */
  readonly messageId: string | null;
  readonly destination: string | null;
}

/** The messaging side of a step. */
export interface MessageFacet {
  /** `rabbitmq`, `kafka`, `aws_sqs`, `http` (webhooks), `in-process` …; never empty. */
  readonly system: string;
  /** Destination as producers and consumers share it; under old RabbitMQ conventions the exchange. */
  readonly destination: string;
  /**
   * Set when the span named no destination (RabbitMQ's default exchange without a routing key, a Zipkin producer that
   * knows its broker only): `destination` is a stand-in then, and the other side of the message may know better.
   */
  readonly destinationIsVague?: true;
  /** Queue or subscription that a consumer reads from, where it differs from `destination`. */
  readonly subscription: string | null;
  /** Declared event type, else what the system has in its place (routing key, job name, subject), else null. */
  readonly type: string | null;
  readonly version: string | null;
  readonly kind: 'event' | 'command';
  /** The id on the wire; null when unknown or when the step holds a batch. */
  readonly messageId: string | null;
  readonly causationId: string | null;
  /** Messages in this step when it is a batch; 1 otherwise. */
  readonly count: number;
  /** Number of the delivery, 1 for the first; null when unknown. */
  readonly delivery: number | null;
  readonly payload: { readonly hash: string | null; readonly bytes: number | null } | null;
  readonly consumerGroup: string | null;
  /** Set when this step's message came out of, or goes into, a dead-letter destination. */
  readonly deadLetter: DeadLetter | null;
  /** True when `destination` is a dead-letter destination. */
  readonly isDeadLetterDestination: boolean;
  /**
   * Set when the step itself moved its message aside: nack or reject without requeue, `dead_letter`,
   * attempts used up. The broker's copy then waits in the dead-letter destination (if the queue has one).
   */
  readonly deadLettered: DeadLetter | null;
  /** The broker gave the message back to its producer: nobody is bound (AMQP `basic.return`). */
  readonly undeliverable: boolean;
}

/** One act of one service, made by `normalize` from one span. Immutable. The set of steps is the truth. */
export interface Step {
  readonly id: StepId;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | null;
  /** The server half of a Zipkin span that both sides share; its parent is the client half. */
  readonly isSharedServerHalf: boolean;
  readonly links: readonly StepLink[];

  readonly service: string;
  readonly serviceVersion: string | null;
  readonly instance: string | null;
  /** Name for people: the declared step name, else the span's name. */
  readonly name: string;
  readonly role: StepRole;
  readonly declaredKind: DeclaredKind | null;
  readonly startedAtNs: UnixNs;
  /** Equal to `startedAtNs` when the length is unknown or was negative; then `timeIsSuspect`. */
  readonly endedAtNs: UnixNs;
  /** Start 0, or end before start: shown with length 0 and marked. */
  readonly timeIsSuspect: boolean;
  /** Snapshot of a span that has not finished. A finished one with the same identity replaces it. */
  readonly isPending: boolean;
  /** Made of signals in the log rather than of a span: several of them say together what a span says at once. */
  readonly signal?: StepSignal;
  readonly status: StepStatus;
  readonly errorMessage: string | null;

  readonly keys: readonly Key[];
  readonly message: MessageFacet | null;
  /** Name of the other side of a call where only this side's telemetry says it. */
  readonly peer: string | null;
  /** The protocol of a call: `http`, `rpc`, `db` …; null when unknown. */
  readonly callSystem: string | null;

  readonly workflow: { readonly name: string; readonly version: string | null } | null;
  readonly attempt: number | null;
  /**
   * Event types that should follow this step, and by when. Without a deadline they open no promise: what may take
   * seconds here takes days there, and a deadline that nobody gave would be a guess. A declared flow can name one.
   */
  readonly expects: readonly string[];
  readonly deadlineMs: number | null;
  /** Name of the step that this one undoes. */
  readonly compensates: string | null;
  /** Set on the step that ends its run. */
  readonly outcome: RunOutcome | null;
  readonly skippedReason: string | null;
  /** Spans that the sender had to drop before it could send this one. Absent: none that it told of. */
  readonly droppedSpanCount?: number;
  readonly actor: string | null;
  /** Every attribute of span and resource (`resource.` before the name) and of its events. */
  readonly attributes: Attributes;
}

export type RunOutcome = 'completed' | 'failed' | 'compensated' | 'cancelled';
