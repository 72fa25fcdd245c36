import { z } from 'zod';
import { ALERT_STATES, RECEIVER_KINDS } from '../alert.js';
import { RULES } from '../finding.js';
import { findingView } from './findings.js';
import { count, instant } from './primitives.js';

const noticeKind = z.enum(['firing', 'resolved']);

/** One notice on its way to a receiver. */
export const noticeView = z.object({
  id: z.string(),
  kind: noticeKind,
  queuedAt: instant,
  attempts: count,
  nextTryAt: instant,
  lastError: z.string().nullable(),
});

/** What became of a notice. `gave-up`: no answer within a named limit, or its receiver is gone. */
export const deliveryView = z.object({
  id: z.string(),
  kind: noticeKind,
  outcome: z.enum(['delivered', 'gave-up']),
  at: instant,
  attempts: count,
  error: z.string().nullable(),
});

export const alertView = z.object({
  id: z.string(),
  /** The same in every notice of one episode, whatever restarts in between. */
  dedupKey: z.string(),
  state: z.enum(ALERT_STATES),
  receiver: z.string(),
  finding: findingView,
  url: z.string().describe('the page of the finding'),
  startedAt: instant,
  firedAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  lastNotifiedAt: instant.nullable(),
  /** Openings after the first while it flaps; each one doubles the time it must be quiet to resolve. */
  flips: count,
  waiting: z.array(noticeView),
  /** The last deliveries, newest last. */
  deliveries: z.array(deliveryView),
});
export type AlertView = z.infer<typeof alertView>;

export const alertReceiverView = z.object({
  name: z.string(),
  kind: z.enum(RECEIVER_KINDS),
  /** Routes that lead to it; 0 means that nobody is told through it. */
  routes: count,
  waiting: count,
  lastDeliveredAt: instant.nullable(),
  lastError: z.string().nullable(),
});
export type AlertReceiverView = z.infer<typeof alertReceiverView>;

export const receiverTestView = z.object({
  receiver: z.string(),
  delivered: z.literal(true),
  at: instant,
});
export type ReceiverTestView = z.infer<typeof receiverTestView>;

export const silenceView = z.object({
  id: z.string(),
  match: z.object({
    rule: z.enum(RULES).nullable(),
    workflow: z.string().nullable(),
    service: z.string().nullable(),
    severity: z.enum(['critical', 'warning', 'info']).nullable(),
  }),
  createdAt: instant,
  endsAt: instant,
  note: z.string().nullable(),
});
export type SilenceView = z.infer<typeof silenceView>;
