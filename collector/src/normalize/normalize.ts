import { stepId } from '@throughline/model/ids';
import type { KeyRule } from '@throughline/model/key';
import type { Attributes, Step, StepLink } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import type { WireLink, WireSpan } from '../wire.js';
import { AttributeReader } from './attribute-reader.js';
import { callSystemOf, peerOf } from './call.js';
import { rawDestination } from './destination.js';
import { keysOf } from './keys.js';
import { messageOf } from './message.js';
import { messagingSystem } from './messaging-system.js';
import { roleOf } from './role.js';
import { SPELLING } from './semconv.js';
import { spelling } from './spelling.js';
import { isPending, statusOf } from './status.js';
import { attributesOf } from './step-attributes.js';
import { attemptOf, declaredKindOf, outcomeOf, workflowOf } from './workflow.js';

/** What OpenTelemetry calls a service that did not say its name. */
const UNKNOWN_SERVICE = 'unknown_service';

/** Our own attributes of a step. */
const OURS = {
  deadline: spelling('throughline.deadline_ms'),
  stepName: spelling('throughline.step.name'),
  compensates: spelling('throughline.compensates'),
  skippedReason: spelling('throughline.skipped.reason'),
  actor: spelling('throughline.actor'),
  droppedSpans: spelling('throughline.dropped_spans'),
  expects: spelling('throughline.expects'),
} as const;
const POD = spelling('k8s.pod.name');

/** Turns a wire span into a step: the only place that knows attribute spellings. Pure; never throws. */
export function normalize(span: WireSpan, keyRules: readonly KeyRule[]): Step {
  const reader = new AttributeReader(span.attributes);
  const { service, version, instance } = senderOf(span.resource);
  const system = messagingSystem(span, reader);
  const role = roleOf(span, system, reader);
  const message = messageOf(span, { role, system }, reader);
  const attributes = attributesOf(span);
  const times = timesOf(span, reader);
  const { status, errorMessage } = statusOf(span, reader);
  const deadlineMs = reader.number(OURS.deadline);
  // One literal and no spreading: this is made for every span, and read by everything below.
  const step: Step = {
    id: stepId(span.traceId, span.spanId, span.isShared),
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    isSharedServerHalf: span.isShared,
    links: span.links.length === 0 ? NO_LINKS : span.links.map(linkOf),
    service,
    serviceVersion: version,
    instance: instance ?? reader.text(POD),
    name: cut(reader.text(OURS.stepName) ?? span.name),
    role,
    declaredKind: declaredKindOf(reader),
    startedAtNs: span.startedAtNs,
    endedAtNs: times.endedAtNs,
    timeIsSuspect: times.isSuspect,
    isPending: times.isPending,
    status,
    errorMessage,
    keys: keysOf({ service, spanName: span.name, attributes, reader }, keyRules),
    message,
    peer: peerOf(span, role, reader),
    callSystem: callSystemOf(role, reader),
    workflow: workflowOf(span, reader),
    attempt: attemptOf(reader) ?? message?.delivery ?? null,
    expects: reader.texts(OURS.expects),
    deadlineMs: deadlineMs === null || deadlineMs < 0 ? null : deadlineMs,
    compensates: reader.text(OURS.compensates),
    outcome: outcomeOf(span, reader),
    skippedReason: reader.text(OURS.skippedReason),
    actor: reader.text(OURS.actor),
    attributes,
  };
  const droppedSpanCount = droppedOf(reader);
  if (span.signal === undefined && droppedSpanCount === null) return step;
  return {
    ...step,
    ...(span.signal === undefined ? {} : { signal: span.signal }),
    ...(droppedSpanCount === null ? {} : { droppedSpanCount }),
  };
}

const NO_LINKS: readonly StepLink[] = [];

/** What a resource says of its sender; every span of a request has the same one. */
interface Sender {
  readonly service: string;
  readonly version: string | null;
  readonly instance: string | null;
}

const senders = new WeakMap<Attributes, Sender>();

function senderOf(resource: Attributes): Sender {
  const known = senders.get(resource);
  if (known !== undefined) return known;
  const reader = new AttributeReader(resource);
  const sender = {
    service: cut(reader.text('service.name') ?? UNKNOWN_SERVICE),
    version: reader.text('service.version'),
    instance: reader.text('service.instance.id', 'k8s.pod.name', 'host.name'),
  };
  senders.set(resource, sender);
  return sender;
}

function linkOf(link: WireLink): StepLink {
  if (link.attributes.size === 0) {
    return { traceId: link.traceId, spanId: link.spanId, messageId: null, destination: null };
  }
  const reader = new AttributeReader(link.attributes);
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    messageId: reader.text(SPELLING.messageId),
    destination: rawDestination(reader),
  };
}

/** A span without a start, or one that ends before it starts, has no length and is marked. */
function timesOf(
  span: WireSpan,
  reader: AttributeReader,
): { readonly endedAtNs: UnixNs; readonly isSuspect: boolean; readonly isPending: boolean } {
  const isOpen = isPending(span, reader);
  const isBackwards = span.endedAtNs < span.startedAtNs;
  const hasStart = span.startedAtNs !== 0n;
  return {
    endedAtNs: isBackwards || !hasStart ? span.startedAtNs : span.endedAtNs,
    isSuspect: !hasStart || (isBackwards && !isOpen),
    isPending: isOpen,
  };
}

/** Our instrumentation counts what its bounded queue had no room for, and tells with the next span. */
function droppedOf(reader: AttributeReader): number | null {
  const count = reader.number(OURS.droppedSpans);
  return count !== null && Number.isSafeInteger(count) && count > 0 ? count : null;
}

function cut(name: string): string {
  return name.length <= LIMITS.nameCharsMax ? name : `${name.slice(0, LIMITS.nameCharsMax - 1)}…`;
}
