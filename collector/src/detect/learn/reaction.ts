import type { Correction } from '@throughline/model/correction';
import type { LessonAt } from './learn-ledger.js';
import { conditionText, type Condition } from './condition.js';
import type { LessonState } from './lesson.js';

/** A lesson in the words of promises, for people to read. Times in milliseconds, until a reaction is seen. */
export interface Reaction {
  readonly id: string;
  /** `take`: the service `by` takes the message `after` · `event`: having taken it, it sends `what`. */
  readonly kind: 'take' | 'event';
  readonly after: string;
  readonly destination: string;
  readonly what: string;
  readonly by: string | null;
  readonly state: LessonState;
  /** Of the openings that count, those that led to it; where there is a condition, of those that meet it. */
  readonly share: number;
  readonly shareOfAll: number;
  readonly condition: Condition | null;
  /** The same for people: `country = DE`. */
  readonly conditionText: string | null;
  readonly correction: Correction | null;
  readonly samples: number;
  readonly runs: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly deadlineMs: number;
}

export function reactionOf({ place, lesson }: LessonAt): Reaction {
  const isTake = place.kind === 'sent';
  return {
    id: lesson.id,
    kind: isTake ? 'take' : 'event',
    after: place.name,
    destination: place.destination,
    what: isTake ? `takes ${place.name}` : lesson.reactor,
    by: isTake ? lesson.reactor : place.service,
    state: lesson.state,
    share: lesson.share,
    shareOfAll: lesson.shareOfAll,
    condition: lesson.condition,
    conditionText: lesson.condition === null ? null : conditionText(lesson.condition),
    correction: lesson.correction,
    samples: lesson.sampleCount,
    runs: lesson.runCount,
    p50Ms: lesson.delays.quantileMs(0.5),
    p95Ms: lesson.delays.quantileMs(0.95),
    p99Ms: lesson.delays.quantileMs(0.99),
    deadlineMs: lesson.deadlineMs,
  };
}
