import {
  brokerQueueName,
  keepsLetters,
  letterPlacesOf,
  liesIn,
  type BrokerQueue,
  type BrokerReading,
} from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';

/** A queue, with who said so and when. */
export interface CountedQueue {
  readonly queue: BrokerQueue;
  readonly broker: string;
  readonly observedAtNs: UnixNs;
  /** What is known is old: the broker does not answer. */
  readonly noData: BrokerReading['noData'];
}

/** A message, as far as a broker could know it. */
export interface SentTo {
  readonly system: string;
  readonly destination: string;
  readonly type: string | null;
}

/** What the brokers say they hold, as of their last answers. */
export class BrokerLedger {
  #readings: readonly BrokerReading[] = [];
  #queues: ReadonlyMap<string, CountedQueue> = new Map();
  #bySystem: ReadonlyMap<string, readonly CountedQueue[]> = new Map();
  #letters: ReadonlyMap<string, CountedQueue> = new Map();

  /** @returns what says something now, or said something before: keys of queues, and of places of dead letters. */
  put(readings: readonly BrokerReading[]): Touched {
    if (readings === this.#readings) return NOTHING_TOUCHED;
    const before = this.#queues;
    const known = new Set(this.#readings);
    const news = readings.filter((reading) => !known.has(reading));
    const fresh = new Set(news.map(({ broker }) => broker));
    this.#readings = readings;
    const counted = readings.flatMap(countedIn);
    this.#queues = new Map(counted.map((each) => [keyOf(each), each]));
    this.#bySystem = grouped(counted);
    this.#letters = lettersAmong(counted);
    const queues = new Set<string>();
    const letters = new Set<string>();
    for (const known of [before, this.#queues]) {
      for (const [key, { broker, queue }] of known) {
        if (!fresh.has(broker)) continue;
        if (queue.unattendedSinceNs !== null) queues.add(key);
        if (keepsLetters(queue)) letters.add(letterKeyOf(queue));
      }
    }
    return { queues, letters };
  }

  get(key: string): CountedQueue | undefined {
    return this.#queues.get(key);
  }

  /** The queue that keeps dead letters, or gave messages up, by the id of its place. */
  lettersAt(key: string): CountedQueue | undefined {
    return this.#letters.get(key);
  }

  /** Where the message came to lie, by what the brokers know of their routes. */
  holding(sent: SentTo): readonly CountedQueue[] {
    const all = this.#bySystem.get(sent.system) ?? NO_QUEUES;
    return all.filter(({ queue }) => liesIn(queue, sent));
  }

  /** The same, for all messages of a type at a destination. */
  holdingOf({ system, destination, messageType: type }: TypePlace): readonly CountedQueue[] {
    return this.holding({ system, destination, type });
  }

  /** The queues that keep what was put aside out of this one. */
  lettersOf({ system, name }: Pick<BrokerQueue, 'system' | 'name'>): readonly CountedQueue[] {
    const all = this.#bySystem.get(system) ?? NO_QUEUES;
    return all.filter(({ queue }) => queue.isDeadLetter && queue.deadLetterOf.includes(name));
  }

  /** The queues that keep dead letters of a place that spans tell of, by its name. */
  deadLettersAt(system: string, place: string): readonly CountedQueue[] {
    const all = this.#bySystem.get(system) ?? NO_QUEUES;
    return all.filter(({ queue }) => keepsLetters(queue) && letterPlacesOf(queue).includes(place));
  }
}

type TypePlace = Pick<SentTo, 'system' | 'destination'> & { readonly messageType: string | null };

interface Touched {
  readonly queues: ReadonlySet<string>;
  readonly letters: ReadonlySet<string>;
}

const NOTHING_TOUCHED: Touched = { queues: new Set(), letters: new Set() };
const NO_QUEUES: readonly CountedQueue[] = [];

function letterKeyOf(queue: BrokerQueue): string {
  const { system } = queue;
  return placeId({ kind: 'dead-letter', name: brokerQueueName(queue), system });
}

/** Of two brokers that know a queue of the same name, the one that holds more speaks for both. */
function lettersAmong(queues: readonly CountedQueue[]): ReadonlyMap<string, CountedQueue> {
  const letters = new Map<string, CountedQueue>();
  for (const each of queues) {
    if (!keepsLetters(each.queue)) continue;
    const key = letterKeyOf(each.queue);
    const known = letters.get(key);
    if (known === undefined || known.queue.waiting < each.queue.waiting) letters.set(key, each);
  }
  return letters;
}

function countedIn({ broker, observedAtNs, noData, queues }: BrokerReading): CountedQueue[] {
  if (observedAtNs === null) return [];
  return queues.map((queue) => ({ queue, broker, observedAtNs, noData }));
}

function keyOf({ broker, queue: { system, name, group } }: CountedQueue): string {
  return JSON.stringify([broker, system, name, group]);
}

function grouped(queues: readonly CountedQueue[]): ReadonlyMap<string, readonly CountedQueue[]> {
  const bySystem = new Map<string, CountedQueue[]>();
  for (const each of queues) {
    const same = bySystem.get(each.queue.system);
    if (same === undefined) bySystem.set(each.queue.system, [each]);
    else same.push(each);
  }
  return bySystem;
}
