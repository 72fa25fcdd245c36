import type { StepStatus } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import type { AttributeReader } from './attribute-reader.js';
import { spelling } from './spelling.js';

const PENDING = spelling('throughline.pending');
/** OpenTracing's tag. */
const ERROR = spelling('error');

/**
 * The status of a step and, for an error, its text. An error is an error status, an exception that no ok status
 * overrules, OpenTracing's `error` tag, or BullMQ's event for a failed job, whose span's status stays unset.
 */
export function statusOf(
  span: WireSpan,
  reader: AttributeReader,
): { readonly status: StepStatus; readonly errorMessage: string | null } {
  if (isPending(span, reader)) return { status: 'pending', errorMessage: null };
  if (!isError(span, reader)) return { status: 'ok', errorMessage: null };
  return { status: 'error', errorMessage: errorMessage(span, reader) };
}

/** The step has not ended, as far as its report knows: a snapshot, or any signal but that of the end. */
export function isPending({ signal }: WireSpan, reader: AttributeReader): boolean {
  return signal === undefined ? reader.isTrue(PENDING) : signal !== 'end';
}

function isError(span: WireSpan, reader: AttributeReader): boolean {
  if (span.status === 'error') return true;
  if (span.status === 'ok') return false;
  return reader.isTrue(ERROR) || span.events.some((event) => FAILURES.has(event.name));
}

const FAILURES: ReadonlySet<string> = new Set(['exception', 'job failed']);

function errorMessage(span: WireSpan, reader: AttributeReader): string | null {
  if (span.statusMessage !== '') return span.statusMessage;
  for (const event of span.events) {
    for (const name of ['exception.message', 'bullmq.job.failed.reason', 'exception.type']) {
      const text = event.attributes.get(name);
      if (typeof text === 'string' && text !== '') return text;
    }
  }
  return reader.text(
    'error.message',
    'bullmq.job.failed.reason',
    'exception.message',
    'error.type',
  );
}
