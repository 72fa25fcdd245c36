import { z } from 'zod';
import { ALERT_RULES, ALERT_STATES, RECEIVER_KINDS } from '../alert.js';
import { findingView } from './findings.js';
import { count, instant, ms } from './primitives.js';

const noticeKind = z.enum(['firing', 'resolved']);

/** A finding, or a condition in the shape of one. */
export const alertFindingView = findingView.extend({ rule: z.enum(ALERT_RULES) });
export type AlertFindingView = z.infer<typeof alertFindingView>;

/** One notice on its way to a receiver. */
export const noticeView = z.object({
  id: z.string(),
  kind: noticeKind,
  queuedAt: instant,
  attempts: count,
  nextTryAt: instant,
  lastError: z.string().nullable(),
  /** The notice that tells this one together with others; null: it goes alone, or it is not decided yet. */
  bundle: z.string().nullable(),
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
  finding: alertFindingView,
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
  /** `failing`: the last notice was not taken. `error`: not for long, or one was given up; the others are told. */
  state: z.enum(['ok', 'failing', 'error']),
  failingSince: instant.nullable(),
  /** Routes that lead to it; 0 means that nobody is told through it. */
  routes: count,
  waiting: count,
  oldestWaitingAt: instant.nullable(),
  /** Since the start; tests and heartbeats count. */
  attempts: count,
  failures: count,
  /** Notices that were tried for a day and then no more, of the alerts that are remembered. */
  givenUp: count,
  lastDeliveredAt: instant.nullable(),
  lastError: z.string().nullable(),
});
export type AlertReceiverView = z.infer<typeof alertReceiverView>;

/** Whether telling works: `no-data` and `error` are never "all is well". */
export const alertHealthView = z.object({
  state: z.enum(['ok', 'no-data', 'error']),
  evaluation: z.object({
    state: z.enum(['ok', 'error']),
    lastRanAt: instant.nullable(),
    failingSince: instant.nullable(),
    error: z.string().nullable(),
  }),
  /** What is to send spans, and whether it does. */
  watches: z.array(
    z.object({
      kind: z.enum(['service', 'workflow', 'anything']),
      name: z.string(),
      forMs: ms,
      state: z.enum(['ok', 'no-data']),
      silentSince: instant,
      /** Of its newest span, by the sender's clock; null: there never was one. */
      lastSpanAt: instant.nullable(),
    }),
  ),
  /** The dead man's switch; null: none is configured. */
  heartbeat: z
    .object({
      to: z.string(),
      everyMs: ms,
      state: z.enum(['waiting', 'ok', 'withheld', 'failing']),
      sent: count,
      failed: count,
      withheld: count,
      lastSentAt: instant.nullable(),
      lastError: z.string().nullable(),
    })
    .nullable(),
  /** Receivers that are in the state *error*. */
  failingReceivers: z.array(z.string()),
});
export type AlertHealthView = z.infer<typeof alertHealthView>;

const matchView = z.object({
  rule: z.enum(ALERT_RULES).nullable(),
  workflow: z.string().nullable(),
  service: z.string().nullable(),
  severity: z.enum(['critical', 'warning', 'info']).nullable(),
});

/** What a route would have told, from the findings as they were. */
export const alertPreviewView = z.object({
  match: matchView,
  forMs: ms,
  repeatMs: ms,
  from: instant,
  to: instant,
  /** Since when every finding is remembered; null: since nothing was looked at yet. */
  historyFrom: instant.nullable(),
  /** False: the window reaches back further than what is remembered, and there may have been more. */
  isComplete: z.boolean(),
  fired: count,
  notices: count.describe('with repetitions and ends, told one by one'),
  /** Findings that matched and were over before the route would have told of them. */
  tooShort: count,
  sentence: z.string(),
  /** The newest first; at most a named limit, `fired` is the true count. */
  items: z.array(
    z.object({
      findingId: z.string(),
      rule: z.enum(ALERT_RULES),
      severity: z.enum(['critical', 'warning', 'info']),
      workflow: z.string().nullable(),
      where: z.string(),
      sentence: z.string(),
      runsAffected: count,
      firedAt: instant,
      resolvedAt: instant.nullable(),
      repeats: count,
    }),
  ),
});
export type AlertPreviewView = z.infer<typeof alertPreviewView>;

export const receiverTestView = z.object({
  receiver: z.string(),
  delivered: z.literal(true),
  at: instant,
});
export type ReceiverTestView = z.infer<typeof receiverTestView>;

export const silenceView = z.object({
  id: z.string(),
  match: matchView,
  createdAt: instant,
  endsAt: instant,
  note: z.string().nullable(),
});
export type SilenceView = z.infer<typeof silenceView>;
