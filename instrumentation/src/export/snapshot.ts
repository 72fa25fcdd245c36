import { hrTime, hrTimeDuration } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';

/** A span as it stands now, under its own ids: the finished one replaces it at the collector. */
export function pendingSnapshot(span: ReadableSpan): ReadableSpan {
  const endTime = hrTime();
  return {
    ...withAttributes(span, { [ATTR.pending]: true }),
    endTime,
    duration: hrTimeDuration(span.startTime, endTime),
    ended: true,
  };
}

/** The same span with more attributes; the span itself belongs to the host and is left alone. */
export function withAttributes(span: ReadableSpan, attributes: Attributes): ReadableSpan {
  const older = span as ReadableSpan & { parentSpanId?: string; instrumentationLibrary?: unknown };
  const copy: ReadableSpan & { parentSpanId?: unknown; instrumentationLibrary?: unknown } = {
    name: span.name,
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: { ...span.status },
    attributes: { ...span.attributes, ...attributes },
    links: [...span.links],
    events: [...span.events],
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    // SDK 1.x of the app: its exporters read these two.
    parentSpanId: older.parentSpanId,
    instrumentationLibrary: older.instrumentationLibrary,
  };
  return copy;
}
