import type { StepRole } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import { scalarText, type AttributeReader } from './attribute-reader.js';
import { redisOperation } from './messaging-system.js';
import { SPELLING } from './semconv.js';
import { spelling } from './spelling.js';

export type Operation = 'send' | 'receive' | 'process' | 'settle';

/** Operation types of all eras, and operation names where no type was given. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['publish', 'send'],
  ['create', 'send'],
  ['send', 'send'],
  ['schedule', 'send'],
  ['deliver', 'process'],
  ['process', 'process'],
  ['consume', 'process'],
  ['receive', 'receive'],
  ['poll', 'receive'],
  ['fetch', 'receive'],
  ['peek', 'receive'],
  ['receive_deferred', 'receive'],
  ['settle', 'settle'],
  ['ack', 'settle'],
  ['nack', 'settle'],
  ['reject', 'settle'],
  ['complete', 'settle'],
  ['abandon', 'settle'],
  ['dead_letter', 'settle'],
  ['defer', 'settle'],
  ['modack', 'settle'],
  ['checkpoint', 'settle'],
  ['delete', 'settle'],
]);

/** BullMQ's own words; what is not here is housekeeping of the queue. */
const BULLMQ_OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['add', 'send'],
  ['addbulk', 'send'],
  ['process', 'process'],
  ['complete', 'settle'],
  ['retry', 'settle'],
  ['delay', 'settle'],
  ['fail', 'settle'],
]);

const JOB_OPERATION = spelling('bullmq.queue.operation');

export function operationOf(reader: AttributeReader): Operation | null {
  const job = reader.text(JOB_OPERATION)?.toLowerCase();
  if (job !== undefined) return BULLMQ_OPERATIONS.get(job) ?? null;
  for (const value of reader.all(SPELLING.operation)) {
    const found = OPERATIONS.get(scalarText(value)?.toLowerCase() ?? '');
    if (found) return found;
  }
  return redisOperation(reader);
}

/**
 * What the step does, by messaging operation first and span kind second. A PRODUCER or CONSUMER span is always a
 * send or take; a SERVER span always serves: `messaging.system` on a pair of client and server is no message.
 */
export function roleOf(span: WireSpan, system: string | null, reader: AttributeReader): StepRole {
  const operation = system === null ? null : operationOf(reader);
  switch (span.kind) {
    case 'producer':
      return isPublishRequest(span, system, reader) ? 'work' : 'send';
    case 'consumer':
      return operation === 'settle' ? 'settle' : 'take';
    case 'server':
      return 'serve';
    case 'client':
      return clientRole(span, operation);
    case 'internal':
    case 'unspecified':
      // Zipkin holds a span without a kind that names another side for the caller of that side.
      return operation === null && span.peer !== null ? 'call' : inwardRole(operation);
  }
}

/**
 * A client span that sends either is the only trace of its message, or carries messages whose own `create` spans it
 * links to: then it is transport, and the message is theirs.
 */
function clientRole(span: WireSpan, operation: Operation | null): StepRole {
  if (operation === 'send') return span.links.length > 0 ? 'work' : 'send';
  if (operation === 'receive') return 'fetch';
  if (operation === 'process') return 'take';
  return operation === 'settle' ? 'settle' : 'call';
}

/**
 * Google's client calls its request a producer, too: it links to the `create` spans of the messages that it carries,
 * whose context the messages bear. Elsewhere a producer with links sends a message of its own that others led to.
 */
function isPublishRequest(span: WireSpan, system: string | null, reader: AttributeReader): boolean {
  if (system !== 'gcp_pubsub' || span.links.length === 0) return false;
  return reader.text(SPELLING.operation) === 'send';
}

function inwardRole(operation: Operation | null): StepRole {
  if (operation === 'send') return 'send';
  if (operation === 'process') return 'take';
  if (operation === 'receive') return 'fetch';
  return operation === 'settle' ? 'settle' : 'work';
}
