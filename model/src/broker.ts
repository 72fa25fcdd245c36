import type { UnixNs } from './time.js';

export const BROKER_KINDS = ['rabbitmq', 'nats', 'redis', 'kafka', 'sqs'] as const;
/** What a broker is called in the configuration. */
export type BrokerKind = (typeof BROKER_KINDS)[number];

/**
 * What one broker says of itself, as of one moment. While it cannot be asked there is no data: what it said last
 * stays, marked with the reason, and means neither that all is well nor that anything ended.
 */
export interface BrokerReading {
  /** Its name in the configuration. */
  readonly broker: string;
  readonly kind: BrokerKind;
  /** When `queues` were true; null before the first answer. */
  readonly observedAtNs: UnixNs | null;
  /** Since when it has not answered, and why; null while it answers. */
  readonly noData: { readonly reason: string; readonly sinceNs: UnixNs } | null;
  readonly queues: readonly BrokerQueue[];
  /** Queues beyond the bound, which are not looked at. */
  readonly queuesLeftOut: number;
}

/** What waits in one place, or for one group of readers of it, by the broker's own count. */
export interface BrokerQueue {
  /** The broker as spans name it. */
  readonly system: string;
  /** Queue, stream or topic. */
  readonly name: string;
  /** The consumer group or durable consumer that the figures are about; null: the queue has but one line. */
  readonly group: string | null;
  /** Destinations of spans whose messages come to lie here, besides `name` itself. */
  readonly fedBy: readonly BrokerRoute[];
  /** Messages that nobody was given yet. */
  readonly waiting: number;
  /** Messages given to somebody who has not settled them. */
  readonly unsettled: number;
  /** Who is attached now; null where the broker does not tell. */
  readonly consumers: number | null;
  /** Since when the oldest of them lies there; null when nothing does or nobody knows. */
  readonly oldestAtNs: UnixNs | null;
  /** False: the broker does not tell, it is at least as old as that. */
  readonly isOldestExact: boolean;
  /** Nobody is meant to read it: messages wait in it for their time. */
  readonly isDelay: boolean;
  /** Messages lie here because they were put aside. */
  readonly isDeadLetter: boolean;
  /** The queues that they come from. */
  readonly deadLetterOf: readonly string[];
  /** Messages delivered more than once and not settled; null where the broker does not tell. */
  readonly redelivered: number | null;
  /** Messages that the broker no longer delivers: they were given out `deliveriesMax` times. */
  readonly givenUp: number;
  readonly deliveriesMax: number | null;
  readonly inPerMinute: number | null;
  readonly outPerMinute: number | null;
  /** Since when it was always seen with messages waiting and nobody attached; null when it was not. */
  readonly unattendedSinceNs: UnixNs | null;
  /** Since when it always held something, or had given something up; null while it is empty. */
  readonly heldSinceNs: UnixNs | null;
  /** The broker's own command that sends dead letters back; null where it has none. */
  readonly redrive: string | null;
}

/** Words are separated by dots; `*` stands for one of them, `**` for any number. */
export interface BrokerRoute {
  readonly destination: string;
  /** Type of the message; null: of any. */
  readonly type: string | null;
}

/** `stream › group`: what a person calls it. */
export function brokerQueueName({ name, group }: Pick<BrokerQueue, 'name' | 'group'>): string {
  return group === null ? name : `${name} › ${group}`;
}

/** Whether dead letters lie, or would lie, there. */
export function keepsLetters({ isDeadLetter, givenUp }: BrokerQueue): boolean {
  return isDeadLetter || givenUp > 0;
}

/** Names under which spans may tell of dead letters that lie in this queue; its own name first. */
export function letterPlacesOf({ name, deadLetterOf, fedBy }: BrokerQueue): readonly string[] {
  const feeds = fedBy.map(({ destination }) => destination);
  return [
    name,
    ...feeds,
    ...[name, ...deadLetterOf, ...feeds].map((each) => `${each} dead letters`),
  ];
}

/** Whether messages of the type (null: of a type unknown) that were sent to the destination come to lie here. */
export function liesIn(
  { system, name, fedBy }: Pick<BrokerQueue, 'system' | 'name' | 'fedBy'>,
  sent: { readonly system: string; readonly destination: string; readonly type: string | null },
): boolean {
  if (system !== sent.system) return false;
  if (name === sent.destination) return true;
  return fedBy.some(
    ({ destination, type }) =>
      matchesWords(destination, sent.destination) &&
      (type === null || sent.type === null || matchesWords(type, sent.type)),
  );
}

/** @param pattern words between dots; `*` stands for one, `**` for any number of them. */
export function matchesWords(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const patterns = pattern.split('.');
  const words = name.split('.');
  // Where the pattern may stand after the words so far: as long as the pattern, whatever the name.
  let at = new Set(skipping(patterns, 0));
  for (const word of words) {
    const next = new Set<number>();
    for (const index of at) {
      const wanted = patterns[index];
      if (wanted === '**') next.add(index);
      if (wanted === '**' || wanted === '*' || wanted === word) {
        for (const each of skipping(patterns, index + 1)) next.add(each);
      }
    }
    at = next;
  }
  return at.has(patterns.length);
}

/** The places that can be reached from one without a word. */
function* skipping(patterns: readonly string[], from: number): Iterable<number> {
  let index = from;
  yield index;
  while (patterns[index] === '**') yield ++index;
}
