import { z } from 'zod';
import { brokerFigures } from './brokers.js';
import { count, instant, ms } from './primitives.js';
import { pattern } from './runs.js';

export const destinationView = z.object({
  name: z.string(),
  system: z.string(),
  isDeadLetter: z.boolean(),
  producers: z.array(z.string()),
  consumers: z.array(z.string()),
  messageTypes: z.array(z.object({ type: z.string(), sent: count, taken: count })),
  sentCount: count,
  takenCount: count,
  inPerMinute: z.number(),
  outPerMinute: z.number(),
  backlog: count,
  oldestAgeMs: ms.nullable(),
  deadLetterOf: z.string().nullable(),
  lastSentAt: instant.nullable(),
  lastTakenAt: instant.nullable(),
  /** What the broker itself counts; null where none is asked, or it knows no such place. */
  broker: brokerFigures.nullable(),
});
export type DestinationView = z.infer<typeof destinationView>;

export const serviceView = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  instances: z.array(z.string()),
  owner: z.string().nullable(),
  runbook: z.string().nullable(),
  sends: z.array(z.string()),
  takes: z.array(z.string()),
  calls: z.array(z.string()),
  calledBy: z.array(z.string()),
  stepCount: count,
  errorCount: count,
  /** Spans that the service had to drop before sending, as it told: its runs may be incomplete. */
  droppedSpanCount: count,
  lastSeenAt: instant.nullable(),
});
export type ServiceView = z.infer<typeof serviceView>;

export const workflowView = z.object({
  name: z.string(),
  declared: z.boolean(),
  runs: count,
  byStatus: z.record(z.string(), count),
  patterns: z.array(z.object({ pattern: pattern, count })),
  stalled: count,
  p50Ms: ms.nullable(),
  p95Ms: ms.nullable(),
  lastActivityAt: instant.nullable(),
  /** Runs started per bucket of the last 24 hours, oldest first; worst first where stalled or failed. */
  heat: z.array(z.object({ at: instant, runs: count, failed: count, stalled: count })),
});
export type WorkflowView = z.infer<typeof workflowView>;

/** What a document says, or fails to say, and the line that does; null: the document as a whole. */
const documentNote = z.object({ line: count.nullable(), text: z.string() });

/** A document that `flows` of the configuration names, with what was made of it. */
export const documentView = z.object({
  path: z.string(),
  kind: z.enum(['asl', 'asyncapi', 'bpmn', 'eventcatalog', 'serverlessworkflow']),
  /** None where it speaks of services and destinations only. */
  workflows: z.array(z.string()),
  understood: z.array(documentNote),
  notUnderstood: z.array(documentNote),
});
export type DocumentView = z.infer<typeof documentView>;

/** What follows what: the service `by` takes the message `after`, or, having taken it, sends `what`. */
const reactionName = z.object({
  id: z.string(),
  kind: z.enum(['take', 'event']),
  after: z.string(),
  destination: z.string(),
  what: z.string(),
  by: z.string().nullable(),
});

/** What a person said over what was learned; of a reaction, or (null) of the workflow as a whole. */
export const correctionView = z.object({
  reaction: reactionName.nullable(),
  /** What runs did before teaches nothing. */
  forgottenBefore: instant.nullable(),
  /** In place of the deadline that runs taught. */
  deadlineMs: ms.nullable(),
  /** False: it is not promised, however often it follows. */
  expected: z.boolean(),
  actor: z.string(),
  note: z.string().nullable(),
  at: instant,
});
export type CorrectionView = z.infer<typeof correctionView>;

/** One reaction: its state, how sure it is, how long it takes, and by when it is awaited. */
export const learnedView = reactionName.extend({
  state: z.enum(['learning', 'learned', 'uncertain', 'not-expected']),
  /** Of the openings that count, those that led to it; where there is a condition, of those that meet it. */
  share: z.number(),
  shareOfAll: z.number(),
  /** It is certain where the attribute has one of these values, or (`except`) any other. */
  condition: z
    .object({ attribute: z.string(), values: z.array(z.string()), except: z.boolean() })
    .nullable(),
  samples: count,
  runs: count,
  p50Ms: ms.nullable(),
  p95Ms: ms.nullable(),
  p99Ms: ms.nullable(),
  deadlineMs: ms,
  correction: correctionView.nullable(),
});
export type LearnedView = z.infer<typeof learnedView>;

/** One workflow: what its runs do, and what is promised of them. */
export const workflowDetail = workflowView.extend({
  /** Runs with the same set of steps, the most frequent first; `share` of the `sampledRuns`. */
  variants: z.array(
    z.object({
      steps: z.array(z.string()),
      runs: count,
      share: z.number(),
      sampleRunId: z.string(),
    }),
  ),
  /** Step names with the share of the sampled runs that have them. */
  steps: z.array(z.object({ name: z.string(), runs: count, share: z.number() })),
  /** Runs that variants and steps were counted over: all, or as many as a named limit allows. */
  sampledRuns: count,
  promises: z.array(
    z.object({
      after: z.string(),
      what: z.string(),
      by: z.string().nullable(),
      withinMs: ms,
      /** The deadline counts business time only. */
      businessTime: z.boolean(),
      origin: z.enum(['declared', 'learned', 'engine']),
      sampleCount: count,
      /** Where it is promised, as in `country = DE`; null: wherever `after` happens. */
      condition: z.string().nullable(),
    }),
  ),
  /**
   * What follows what, as the runs show it. `take`: the service `by` takes the message `after`; `event`: having
   * taken `after`, it sends `what`. Only what is `learned` is promised, with the grace on top of the deadline.
   */
  learned: z.array(learnedView),
  /** What people said over what was learned, the latest first. */
  corrections: z.array(correctionView),
  ends: z.array(z.object({ event: z.string(), outcome: z.string() })),
  deadlineMs: ms.nullable(),
  /** What business time is, where a deadline of the workflow counts it. */
  calendar: z.object({ timezone: z.string(), text: z.string() }).nullable(),
  /** The documents that declare it (BPMN, Amazon States Language …), with what was made of them. */
  documents: z.array(documentView),
});
export type WorkflowDetail = z.infer<typeof workflowDetail>;

const reasons = z.record(z.string(), count);
const tally = z.object({
  received: count,
  stored: count,
  duplicate: count,
  rejected: reasons,
  dropped: reasons,
  /** Log records that are no step signals, which are taken and not used: no part of `received`. */
  ignoredLogRecords: count,
});
/** What became of the bodies that `forward:` passes on, since start. */
const forwarding = z.object({
  sent: count,
  failed: reasons,
  dropped: reasons,
  waiting: count,
  waitingBytes: count,
});
/** `received = stored + duplicate + Σ rejected + Σ dropped`, in spans and step signals; since start and in total. */
export const statsView = tally.extend({
  total: tally,
  /** Null when nothing is passed on. */
  forward: forwarding.nullable(),
  startedAt: instant,
  lastReceivedAt: instant.nullable(),
  runs: count,
  spansPerSecond: z.number(),
  version: z.string(),
});
export type StatsView = z.infer<typeof statsView>;
