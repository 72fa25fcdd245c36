import { stepId } from '@throughline/model/ids';
import type { KeyRule } from '@throughline/model/key';
import type { Step, StepLink } from '@throughline/model/step';
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
import { isPending, statusOf } from './status.js';
import { attributesOf } from './step-attributes.js';
import { attemptOf, declaredKindOf, outcomeOf, workflowOf } from './workflow.js';

/** What OpenTelemetry calls a service that did not say its name. */
const UNKNOWN_SERVICE = 'unknown_service';

/** Turns a wire span into a step: the only place that knows attribute spellings. Pure; never throws. */
export function normalize(span: WireSpan, keyRules: readonly KeyRule[]): Step {
  const reader = new AttributeReader(span.attributes);
  const resource = new AttributeReader(span.resource);
  const system = messagingSystem(span, reader);
  const role = roleOf(span, system, reader);
  const message = messageOf(span, { role, system }, reader);
  const service = cut(resource.text('service.name') ?? UNKNOWN_SERVICE);
  const attributes = attributesOf(span);
  return {
    id: stepId(span.traceId, span.spanId, span.isShared),
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    isSharedServerHalf: span.isShared,
    links: span.links.map(linkOf),
    service,
    serviceVersion: resource.text('service.version'),
    instance:
      resource.text('service.instance.id', 'k8s.pod.name', 'host.name') ??
      reader.text('k8s.pod.name'),
    name: cut(reader.text('throughline.step.name') ?? span.name),
    role,
    declaredKind: declaredKindOf(reader),
    ...timesOf(span, reader),
    ...(span.signal === undefined ? {} : { signal: span.signal }),
    ...statusOf(span, reader),
    keys: keysOf({ service, spanName: span.name, attributes, reader }, keyRules),
    message,
    peer: peerOf(span, role, reader),
    callSystem: callSystemOf(role, reader),
    workflow: workflowOf(span, reader),
    attempt: attemptOf(reader) ?? message?.delivery ?? null,
    ...declarationsOf(span, reader),
    ...droppedOf(reader),
    attributes,
  };
}

function linkOf(link: WireLink): StepLink {
  const reader = new AttributeReader(link.attributes);
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    messageId: reader.text(...SPELLING.messageId),
    destination: rawDestination(reader),
  };
}

/** A span without a start, or one that ends before it starts, has no length and is marked. */
function timesOf(
  span: WireSpan,
  reader: AttributeReader,
): Pick<Step, 'startedAtNs' | 'endedAtNs' | 'timeIsSuspect' | 'isPending'> {
  const isOpen = isPending(span, reader);
  const isBackwards = span.endedAtNs < span.startedAtNs;
  const hasStart = span.startedAtNs !== 0n;
  const endedAtNs: UnixNs = isBackwards || !hasStart ? span.startedAtNs : span.endedAtNs;
  return {
    startedAtNs: span.startedAtNs,
    endedAtNs,
    timeIsSuspect: !hasStart || (isBackwards && !isOpen),
    isPending: isOpen,
  };
}

/** What `throughline.*` attributes say about the step beyond its message. */
function declarationsOf(
  span: WireSpan,
  reader: AttributeReader,
): Pick<Step, 'expects' | 'deadlineMs' | 'compensates' | 'outcome' | 'skippedReason' | 'actor'> {
  const deadlineMs = reader.number('throughline.deadline_ms');
  return {
    expects: reader.texts('throughline.expects'),
    deadlineMs: deadlineMs === null || deadlineMs < 0 ? null : deadlineMs,
    compensates: reader.text('throughline.compensates'),
    outcome: outcomeOf(span, reader),
    skippedReason: reader.text('throughline.skipped.reason'),
    actor: reader.text('throughline.actor'),
  };
}

/** Our instrumentation counts what its bounded queue had no room for, and tells with the next span. */
function droppedOf(reader: AttributeReader): Pick<Step, 'droppedSpanCount'> {
  const count = reader.number('throughline.dropped_spans');
  return count !== null && Number.isSafeInteger(count) && count > 0
    ? { droppedSpanCount: count }
    : {};
}

function cut(name: string): string {
  return name.length <= LIMITS.nameCharsMax ? name : `${name.slice(0, LIMITS.nameCharsMax - 1)}…`;
}
