import { matchesWords, type BrokerRoute } from '@throughline/model/broker';
import type { RabbitBinding, RabbitExchange } from './rabbitmq-answers.js';

/** Who is bound to what, asked from both ends. */
export class RabbitRoutes {
  readonly #typeOf: ReadonlyMap<string, string>;
  readonly #bySource = new Map<string, RabbitBinding[]>();
  readonly #byTarget = new Map<string, RabbitBinding[]>();

  constructor(bindings: readonly RabbitBinding[], exchanges: readonly RabbitExchange[]) {
    this.#typeOf = new Map(exchanges.map(({ name, type }) => [name, type]));
    for (const binding of bindings) {
      // Every queue is bound to the exchange without a name, by its own name.
      if (binding.source === '') continue;
      file(this.#bySource, binding.source, binding);
      file(this.#byTarget, target(binding.destination_type, binding.destination), binding);
    }
  }

  /** Exchanges, and the types there, whose messages end up in the queue; over exchanges bound to exchanges, too. */
  into(queue: string): readonly BrokerRoute[] {
    const routes: BrokerRoute[] = [];
    const seen = new Set<string>();
    const follow = (to: string): void => {
      if (seen.has(to)) return;
      seen.add(to);
      for (const { source, routing_key } of this.#byTarget.get(to) ?? []) {
        routes.push({ destination: source, type: this.#keyPattern(source, routing_key) });
        follow(target('exchange', source));
      }
    };
    follow(target('queue', queue));
    return routes;
  }

  /** Queues that a message with this key reaches from the exchange; null: with any key. */
  from(exchange: string, key: string | null): ReadonlySet<string> {
    const queues = new Set<string>();
    const seen = new Set<string>();
    const follow = (source: string): void => {
      if (seen.has(source)) return;
      seen.add(source);
      for (const { destination, destination_type, routing_key } of this.#bySource.get(source) ??
        []) {
        const pattern = this.#keyPattern(source, routing_key);
        if (key !== null && pattern !== null && !matchesWords(pattern, key)) continue;
        if (destination_type === 'queue') queues.add(destination);
        else follow(destination);
      }
    };
    follow(exchange);
    return queues;
  }

  /** Null where the exchange does not look at the key. */
  #keyPattern(exchange: string, key: string): string | null {
    const type = this.#typeOf.get(exchange);
    if (type === 'direct') return key;
    if (type !== 'topic') return null;
    const pattern = key
      .split('.')
      .map((word) => (word === '#' ? '**' : word))
      .join('.');
    return pattern === '**' ? null : pattern;
  }
}

function target(type: string, name: string): string {
  return `${type} ${name}`;
}

function file(groups: Map<string, RabbitBinding[]>, key: string, binding: RabbitBinding): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [binding]);
  else group.push(binding);
}
