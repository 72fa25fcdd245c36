import { z } from 'zod';
import { brokerFigures } from './brokers.js';
import { count, instant, ms } from './primitives.js';
import { RULES, VERDICTS } from '../finding.js';

export const findingView = z.object({
  id: z.string(),
  rule: z.enum(RULES),
  severity: z.enum(['critical', 'warning', 'info']),
  state: z.enum(['open', 'acknowledged', 'closed']),
  openedAt: instant,
  closedAt: instant.nullable(),
  snoozedUntil: instant.nullable(),
  /** The snooze ends when so many runs are affected, whatever the time. */
  snoozedUntilRuns: count.nullable(),
  subject: z.object({
    kind: z.enum(['run', 'destination', 'edge', 'key', 'service']),
    id: z.string(),
    label: z.string(),
  }),
  workflow: z.string().nullable(),
  runsAffected: count,
  /** A sample of the affected runs, newest first; `GET /runs?finding=` lists them all. */
  runIds: z.array(z.string()),
  where: z.string(),
  verdict: z.enum(VERDICTS).nullable(),
  sentence: z.string(),
  evidence: z.array(
    z.object({
      text: z.string(),
      value: z.union([z.string(), z.number()]).optional(),
      link: z.string().optional(),
    }),
  ),
  /** What affected runs have more often than others that passed the same place, the surest first. */
  differs: z.array(
    z.object({
      attribute: z.string(),
      of: z.string().nullable(),
      value: z.string(),
      held: z.object({ count, of: count }),
      peers: z.object({ count, of: count }),
      testCount: count,
      chance: z.number(),
    }),
  ),
  next: z.array(
    z.object({ text: z.string(), command: z.string().optional(), link: z.string().optional() }),
  ),
  owner: z.string().nullable(),
  confidence: z.number(),
  note: z.string().nullable(),
});
export type FindingView = z.infer<typeof findingView>;

export const deadLetterGroup = z.object({
  reason: z.string(),
  eventType: z.string().nullable(),
  service: z.string().nullable(),
  version: z.string().nullable(),
  count,
  oldestAt: instant,
  newestAt: instant,
  /** How often one of them, at most, had been put aside before and came back: ×2 was redriven twice in vain. */
  cameBack: count,
  /** Runs that have a letter in it. */
  runCount: count,
  sampleRunIds: z.array(z.string()),
});
export type DeadLetterGroup = z.infer<typeof deadLetterGroup>;

export const deadLetterView = z.object({
  destination: z.string(),
  system: z.string(),
  /** Dead letters seen and not seen coming back; where no span ever showed one, as many as the broker counts. */
  count,
  oldestAt: instant.nullable(),
  oldestAgeMs: ms.nullable(),
  inPerMinute: z.number(),
  outPerMinute: z.number(),
  /** Taken out of there again, seen so far. */
  cameBack: count,
  groups: z.array(deadLetterGroup),
  /** The broker's own command that sends them back; null where the system is unknown. */
  redrive: z.string().nullable(),
  /** What the broker itself counts; null where none is asked, or it knows no such place. */
  broker: brokerFigures.nullable(),
});
export type DeadLetterView = z.infer<typeof deadLetterView>;
