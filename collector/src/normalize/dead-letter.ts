import type { DeadLetter, StepRole } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import type { AttributeReader } from './attribute-reader.js';
import { isDeadLetterName, sourceByName } from '@throughline/model/dead-letter-name';
import { spelling } from './spelling.js';
import type { Death } from './x-death.js';

/** What the dead-letter side of a message is read from. */
export interface DeadLetterSource {
  readonly span: WireSpan;
  readonly role: StepRole;
  readonly reader: AttributeReader;
  readonly destination: string;
  readonly deaths: readonly Death[];
}

export interface DeadLetterSide {
  /** The message came out of, or goes into, a dead-letter destination. */
  readonly deadLetter: DeadLetter | null;
  readonly isDeadLetterDestination: boolean;
  /** This step moved its message aside. */
  readonly deadLettered: DeadLetter | null;
}

const REASON = spelling('throughline.dead_letter.reason');
const SOURCE = spelling('throughline.dead_letter.source');
const OPERATION = spelling('messaging.operation.name');
const DISPOSITION = spelling('messaging.servicebus.disposition_status');
const REQUEUE = spelling('messaging.rabbitmq.requeue', 'throughline.requeued');
const JOB_OPERATION = spelling('bullmq.queue.operation');

export function deadLetterSide(source: DeadLetterSource): DeadLetterSide {
  const { role, destination, reader } = source;
  const declared = declaredDeadLetter(reader);
  const carried = fromHeaders(source);
  const isDeadLetterDestination = isDeadLetterName(destination);
  const movedAside = role === 'take' || role === 'settle' ? movesAside(source) : null;
  // On a consumer the declaration tells what it did, unless it reads dead letters: then it tells what it got.
  const tellsOfItself = role === 'settle' || (role === 'take' && !isDeadLetterDestination);
  const unexplained: DeadLetter | null = isDeadLetterDestination
    ? { reason: 'unknown', source: sourceByName(destination), detail: null }
    : null;
  return {
    deadLetter: carried ?? (tellsOfItself ? null : declared) ?? unexplained,
    isDeadLetterDestination,
    deadLettered: tellsOfItself ? (declared ?? movedAside) : movedAside,
  };
}

function declaredDeadLetter(reader: AttributeReader): DeadLetter | null {
  const reason = reader.text(REASON);
  const source = reader.text(SOURCE);
  if (reason === null && source === null) return null;
  return { reason: reason ?? 'unknown', source, detail: null };
}

/** What brokers and frameworks write onto a message that they move to a dead-letter destination. */
function fromHeaders({ reader, deaths }: DeadLetterSource): DeadLetter | null {
  const first = deaths.at(-1);
  if (first) return { reason: first.reason, source: first.queue, detail: null };
  if (!reader.hasHeaders) return null;
  const rabbit = reader.headerText('x-first-death-reason');
  if (rabbit !== null) {
    return { reason: rabbit, source: reader.headerText('x-first-death-queue'), detail: null };
  }
  for (const { reason, source, detail } of HEADERS) {
    const why = reader.headerText(...reason);
    const from = reader.headerText(...source);
    if (why === null && from === null) continue;
    return { reason: why ?? 'unknown', source: from, detail: reader.headerText(...detail) };
  }
  return null;
}

const HEADERS: readonly {
  readonly reason: readonly string[];
  readonly source: readonly string[];
  readonly detail: readonly string[];
}[] = [
  {
    // Spring for Apache Kafka; the listener's exception is the cause of a wrapping one.
    reason: ['kafka_dlt-exception-cause-fqcn', 'kafka_dlt-exception-fqcn'],
    source: ['kafka_dlt-original-topic'],
    detail: ['kafka_dlt-exception-message'],
  },
  {
    // Kafka Connect sinks.
    reason: ['__connect.errors.exception.class.name'],
    source: ['__connect.errors.topic'],
    detail: ['__connect.errors.exception.message'],
  },
  {
    // Kafka Streams 4.2 and later (KIP-1034).
    reason: ['__streams.errors.exception'],
    source: ['__streams.errors.topic'],
    detail: ['__streams.errors.message'],
  },
  {
    reason: ['DeadLetterReason'],
    source: ['deadLetterSource'],
    detail: ['DeadLetterErrorDescription'],
  },
  {
    // EventBridge targets' queues.
    reason: ['ERROR_CODE'],
    source: ['RULE_ARN'],
    detail: ['ERROR_MESSAGE'],
  },
  { reason: [], source: ['DeadLetterQueueSourceArn'], detail: [] },
  {
    reason: [],
    source: ['CloudPubSubDeadLetterSourceSubscription'],
    detail: ['CloudPubSubDeadLetterSourceDeliveryErrorMessage'],
  },
];

const WITHOUT_REQUEUE = /^(nack|nackAll|reject) called on message without requeue$/;

/** The step itself gave its message up: it will not come back to this queue by itself. */
function movesAside({ span, reader, destination }: DeadLetterSource): DeadLetter | null {
  const source = destination;
  const rejection = WITHOUT_REQUEUE.exec(span.statusMessage);
  if (rejection) return { reason: 'rejected', source, detail: exceptionMessage(span) };
  const operation = reader.text(OPERATION)?.toLowerCase();
  const disposition = reader.text(DISPOSITION);
  if (operation === 'dead_letter' || disposition === 'dead_letter' || isDeadLetterCall(span)) {
    const reason = reader.headerText('DeadLetterReason') ?? 'rejected';
    return { reason, source, detail: reader.headerText('DeadLetterErrorDescription') };
  }
  const requeue = reader.text(REQUEUE);
  if ((operation === 'nack' || operation === 'reject') && requeue === 'false') {
    return { reason: 'rejected', source, detail: null };
  }
  return failedJob(span, reader, source);
}

/** Azure's SDK names its call in the span only: `ServiceBusReceiver.deadLetter`. */
function isDeadLetterCall(span: WireSpan): boolean {
  return /^service ?bus ?receiver\.deadLetter/i.test(span.name);
}

/** BullMQ writes `fail {queue}` once a job has used up its attempts. */
function failedJob(span: WireSpan, reader: AttributeReader, source: string): DeadLetter | null {
  if (reader.text(JOB_OPERATION)?.toLowerCase() !== 'fail') return null;
  const detail = reader.text('bullmq.job.failed.reason') ?? exceptionMessage(span);
  return { reason: 'attempts_exhausted', source, detail };
}

function exceptionMessage(span: WireSpan): string | null {
  for (const event of span.events) {
    const message = event.attributes.get('exception.message');
    if (typeof message === 'string' && message !== '') return message;
  }
  return null;
}
