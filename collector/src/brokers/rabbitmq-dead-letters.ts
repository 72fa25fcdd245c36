import { isDeadLetterName } from '@throughline/model/dead-letter-name';
import type { RabbitQueue } from './rabbitmq-answers.js';
import type { RabbitRoutes } from './rabbitmq-routes.js';

/** Where a queue puts messages aside, by its arguments or, where they say nothing, by its policy. */
interface Aside {
  /** The exchange; the one without a name has the queue of the key behind it. */
  readonly exchange: string;
  /** Null: the key that the message came with. */
  readonly key: string | null;
}

/** Which queue is whose dead-letter queue. */
export class RabbitDeadLetters {
  readonly #sourcesOf = new Map<string, string[]>();
  readonly #targetsOf = new Map<string, ReadonlySet<string>>();
  readonly #delays = new Set<string>();

  constructor(queues: readonly RabbitQueue[], routes: RabbitRoutes) {
    for (const queue of queues) {
      const aside = asideOf(queue);
      if (aside === null) continue;
      if (setting(queue, 'message-ttl') !== undefined) this.#delays.add(queue.name);
      this.#targetsOf.set(queue.name, targetsOf(aside, queue, routes));
    }
    for (const [source, targets] of this.#targetsOf) {
      for (const target of targets) if (this.#isPutAside(source, target)) this.#add(source, target);
    }
  }

  /** The queues whose dead letters lie in this one, by name. */
  sourcesOf(queue: string): readonly string[] {
    return [...(this.#sourcesOf.get(queue) ?? [])].sort();
  }

  isDeadLetter(queue: string): boolean {
    return isDeadLetterName(queue) || this.#sourcesOf.has(queue);
  }

  /** Messages lie there until their time is over, and then move on. */
  isDelay(queue: string): boolean {
    return this.#delays.has(queue) && !this.isDeadLetter(queue);
  }

  /**
   * A queue that leads back to where the messages came from is a detour for retries, and one with a time to live may
   * be there to delay: where those lead is for dead letters only if its name says so.
   */
  #isPutAside(source: string, target: string): boolean {
    if (this.#leads(target, source)) return false;
    return !this.#delays.has(source) || isDeadLetterName(target);
  }

  #leads(from: string, to: string): boolean {
    const seen = new Set<string>();
    const waiting = [from];
    for (let queue = waiting.pop(); queue !== undefined; queue = waiting.pop()) {
      if (queue === to) return true;
      if (seen.has(queue)) continue;
      seen.add(queue);
      waiting.push(...(this.#targetsOf.get(queue) ?? []));
    }
    return false;
  }

  #add(source: string, target: string): void {
    const sources = this.#sourcesOf.get(target) ?? [];
    sources.push(source);
    this.#sourcesOf.set(target, sources);
  }
}

function targetsOf({ exchange, key }: Aside, queue: RabbitQueue, routes: RabbitRoutes) {
  if (exchange === '') return new Set(key === null ? [] : [key]);
  if (key !== null) return routes.from(exchange, key);
  // The message keeps its key: one of those that the queue is bound by, or its own name.
  const keys = routes.into(queue.name).map(({ type }) => type);
  if (keys.some((each) => each === null || each.includes('*'))) return routes.from(exchange, null);
  const exact = [queue.name, ...keys].flatMap((each) => [...routes.from(exchange, each)]);
  return exact.length > 0 ? new Set(exact) : routes.from(exchange, null);
}

function asideOf(queue: RabbitQueue): Aside | null {
  const exchange = setting(queue, 'dead-letter-exchange');
  if (typeof exchange !== 'string') return null;
  const key = setting(queue, 'dead-letter-routing-key');
  return { exchange, key: typeof key === 'string' ? key : null };
}

/** An argument of the queue goes before a policy. */
function setting(queue: RabbitQueue, name: string): unknown {
  return queue.arguments[`x-${name}`] ?? queue.effective_policy_definition[name];
}
