import type { StepId } from '@throughline/model/ids';
import type { RunMessage } from '@throughline/model/run';
import { messageName } from '../occurrences.js';
import type { RunIndex } from '../run-index.js';
import type { Affected } from '../affected.js';

/** How many messages one message led to, itself not counted: of several like it in a run, the one that led to most. */
export interface Caused extends Affected {
  readonly count: number;
  /** Only of those that led to many. */
  readonly detail: CausedDetail | null;
}

export interface CausedDetail {
  readonly label: string;
  readonly producer: string | null;
  /** `stock.checked of inventory`, and how many of those; most first. */
  readonly most: readonly (readonly [name: string, count: number])[];
  /** One of the messages that it led to leads to nearly all the others: that one is the cause. */
  readonly isLed: boolean;
}

const LED_SHARE = 0.8;
const MOST_SHOWN = 3;

interface Sent {
  readonly message: RunMessage;
  readonly step: StepId;
  readonly above: StepId | null;
}

/** By the sending step, how many messages followed from it, over any number of services. */
export interface Family {
  readonly sends: readonly RunMessage[];
  countOf(message: RunMessage): number;
  detailOf(message: RunMessage, label: string): CausedDetail;
}

export function familyOf(index: RunIndex): Family {
  const sent = sentIn(index);
  const below = new Map<StepId, StepId[]>();
  const weights = new Map<StepId, number>();
  for (const { step, above } of sent) {
    const weight = weights.get(step);
    weights.set(step, (weight ?? 0) + 1);
    if (weight !== undefined || above === null || above === step) continue;
    const known = below.get(above);
    if (known === undefined) below.set(above, [step]);
    else known.push(step);
  }
  const counts = countsOf(weights, below);
  const countOf = ({ sentBy }: RunMessage): number => counts.get(sentBy as StepId) ?? 0;
  return {
    sends: sent.map(({ message }) => message),
    countOf,
    detailOf: (message, label) => {
      const count = countOf(message);
      const next = below.get(message.sentBy as StepId) ?? [];
      return {
        label,
        producer: message.sentByService,
        most: mostOf(message.sentBy as StepId, below, index),
        isLed: next.some((id) => (counts.get(id) ?? 0) >= LED_SHARE * count),
      };
    },
  };
}

/** Every sending with the nearest sending that it follows from. */
function sentIn({ run, messagesOfSender }: RunIndex): Sent[] {
  const causes = new Map<StepId, StepId>();
  for (const { from, to, kind } of run.edges) {
    if (kind !== 'compensates' && !causes.has(to)) causes.set(to, from);
  }
  const nearest = new Map<StepId, StepId | null>();
  const above = (step: StepId): StepId | null => {
    const way: StepId[] = [];
    let found: StepId | null = null;
    for (let id = causes.get(step); id !== undefined; id = causes.get(id)) {
      const known = nearest.get(id);
      if (messagesOfSender.has(id)) found = id;
      else if (known !== undefined) found = known;
      else {
        // Spans may be each other's parents: whoever comes round stops.
        nearest.set(id, null);
        way.push(id);
        continue;
      }
      break;
    }
    for (const id of way) nearest.set(id, found);
    return found;
  };
  return run.messages.flatMap((message) => {
    const { sentBy: step } = message;
    return step === null ? [] : [{ message, step, above: above(step) }];
  });
}

/** From the leaves up; what lies on a circle of causes counts what hangs below it once. */
function countsOf(
  weights: ReadonlyMap<StepId, number>,
  below: ReadonlyMap<StepId, readonly StepId[]>,
): ReadonlyMap<StepId, number> {
  const counts = new Map<StepId, number>();
  for (const root of weights.keys()) {
    if (counts.has(root)) continue;
    const stack: StepId[] = [root];
    const entered = new Set<StepId>();
    while (stack.length > 0) {
      const id = stack.at(-1) as StepId;
      const next = below.get(id) ?? NONE;
      if (!entered.has(id)) {
        entered.add(id);
        for (const each of next) if (!counts.has(each) && !entered.has(each)) stack.push(each);
        continue;
      }
      stack.pop();
      if (counts.has(id)) continue;
      let count = 0;
      for (const each of next) count += (counts.get(each) ?? 0) + (weights.get(each) ?? 0);
      counts.set(id, count);
    }
  }
  return counts;
}

function mostOf(
  of: StepId,
  below: ReadonlyMap<StepId, readonly StepId[]>,
  { messagesOfSender }: RunIndex,
): CausedDetail['most'] {
  const tally = new Map<string, number>();
  const reached = new Set(below.get(of) ?? NONE);
  for (const id of reached) {
    for (const message of messagesOfSender.get(id) ?? []) {
      const name = `${messageName(message)} of ${message.sentByService ?? 'an unknown service'}`;
      tally.set(name, (tally.get(name) ?? 0) + 1);
    }
    for (const next of below.get(id) ?? NONE) reached.add(next);
  }
  return [...tally].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, MOST_SHOWN);
}

const NONE: readonly StepId[] = [];
