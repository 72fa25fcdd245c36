import { z } from 'zod';
import { count, instant, key, ms } from './primitives.js';

export const runStatus = z.enum(['active', 'completed', 'failed', 'compensated', 'cancelled']);
export const pattern = z.enum(['orchestrated', 'choreographed', 'hybrid']);

export const runItem = z.object({
  id: z.string(),
  workflow: z.string(),
  status: runStatus,
  pattern: pattern.nullable(),
  keys: z.array(key),
  startedAt: instant,
  lastActivityAt: instant,
  endedAt: instant.nullable(),
  stepCount: count,
  spanCount: count,
  traceCount: count,
  messageCount: count,
  errorCount: count,
  services: z.array(z.string()),
  destinations: z.array(z.string()),
  findings: z.array(z.object({ id: z.string(), rule: z.string() })),
  parent: z.string().nullable(),
  children: z.array(z.string()),
  /** What the run waits for, in a few words; null when it waits for nothing known. */
  waitingOn: z.string().nullable(),
  /** Since when it waits for something that is overdue; null when nothing is. */
  stalledSince: instant.nullable(),
});
export type RunItem = z.infer<typeof runItem>;

export const stepView = z.object({
  id: z.string(),
  service: z.string(),
  serviceVersion: z.string().nullable(),
  instance: z.string().nullable(),
  name: z.string(),
  kind: z.enum([
    'send',
    'take',
    'fetch',
    'settle',
    'call',
    'serve',
    'work',
    'task',
    'decision',
    'approval',
    'timer',
    'compensation',
  ]),
  role: z.enum(['send', 'take', 'fetch', 'settle', 'call', 'serve', 'work']),
  status: z.enum(['pending', 'ok', 'error']),
  error: z.string().nullable(),
  attempt: z.number().int(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** The raw start, where `startedAt` was corrected for clock skew. */
  rawStartedAt: instant.nullable(),
  durationMs: ms.nullable(),
  waitMs: ms.nullable(),
  timeIsSuspect: z.boolean(),
  traceId: z.string(),
  parentId: z.string().nullable(),
  spanIds: z.array(z.string()),
  messageId: z.string().nullable(),
  why: z.object({
    by: z.enum(['key', 'parent', 'link', 'message-id', 'trace']),
    key: key.optional(),
    of: z.string().optional(),
  }),
  compensates: z.string().nullable(),
  outcome: z.string().nullable(),
  skippedReason: z.string().nullable(),
  actor: z.string().nullable(),
  peer: z.string().nullable(),
  attributes: z.record(z.string(), z.unknown()),
});
export type StepView = z.infer<typeof stepView>;

export const messageView = z.object({
  id: z.string(),
  system: z.string(),
  destination: z.string(),
  subscriptions: z.array(z.string()),
  type: z.string().nullable(),
  version: z.string().nullable(),
  kind: z.enum(['event', 'command']),
  messageId: z.string().nullable(),
  sentBy: z.string().nullable(),
  sentAt: instant.nullable(),
  takenBy: z.array(z.string()),
  deadLettered: z.boolean(),
  deadLetter: z
    .object({ reason: z.string(), source: z.string().nullable(), detail: z.string().nullable() })
    .nullable(),
  undeliverable: z.boolean(),
  payload: z.object({ hash: z.string().nullable(), bytes: count.nullable() }).nullable(),
});
export type MessageView = z.infer<typeof messageView>;

export const edgeView = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.enum(['message', 'call', 'follows', 'compensates']),
  evidence: z.enum(['parent', 'link', 'message-id', 'causation-id', 'engine', 'inferred']),
  confidence: z.number(),
});
export type EdgeView = z.infer<typeof edgeView>;

export const promiseView = z.object({
  what: z.string(),
  after: z.string(),
  /** The step after which it should follow. */
  afterStep: z.string().nullable(),
  by: z.string().nullable(),
  openedAt: instant,
  dueAt: instant,
  /** The deadline in business time, where it counts that. */
  businessMs: z.number().nullable(),
  origin: z.enum(['declared', 'learned', 'engine']),
  sampleCount: count,
  /** Of a learned one: where it is certain, as in `country = DE`; null: wherever `after` happens. */
  condition: z.string().nullable(),
  state: z.enum(['open', 'kept', 'overdue', 'cancelled']),
});
export type PromiseView = z.infer<typeof promiseView>;

/** What the run took its time for, first to last: no part overlaps another. */
export const criticalPathView = z.object({
  /** From the start of the path to its end; what is not covered by parts of this page is on others. */
  totalMs: z.number(),
  parts: z.array(
    z.object({
      step: z.string(),
      /** The step that what this one sent set off, for the time between them; null for work of the step itself. */
      waitOf: z.string().nullable(),
      from: instant,
      to: instant,
      ms: z.number(),
      /** A wait where nothing but the time shows what came before. */
      isGuess: z.boolean(),
    }),
  ),
});

export const runDetail = runItem.extend({
  workflowVersion: z.string().nullable(),
  aliases: z.array(z.string()),
  /** One sentence that explains the run as it stands. */
  sentence: z.string(),
  steps: z.array(stepView),
  stepsNext: z.string().nullable(),
  messages: z.array(messageView),
  edges: z.array(edgeView),
  promises: z.array(promiseView),
  criticalPath: criticalPathView,
  patternEvidence: z.object({
    directed: count,
    reactions: count,
    handOvers: count,
    because: z.array(z.string()),
  }),
  skewCorrections: z.array(
    z.object({
      service: z.string(),
      instance: z.string().nullable(),
      againstService: z.string(),
      shiftMs: z.number(),
      stepCount: count,
    }),
  ),
});
export type RunDetail = z.infer<typeof runDetail>;
