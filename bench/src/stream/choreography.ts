import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import { httpAttributes, messagingAttributes } from './messaging-attributes.js';
import { KIND, type Attribute, type Hop, type Profile, type StreamSpan } from './span.js';

const SERVICES = ['shop', 'payment', 'inventory', 'shipping', 'notify'] as const;
const EVENTS = ['order.placed', 'payment.captured', 'stock.reserved', 'parcel.shipped'] as const;
/** Tenants are many and named by random ids, as customers are: nothing that a compressor would guess. */
const TENANTS = Array.from({ length: 2_000 }, (_, at) => uuid(seeded(`tenant/${String(at)}`)));
const BODY_BYTES_MAX = 4_000;
const MS = 1_000_000n;

/**
 * The workload of every figure: runs of 10 spans over 5 services and 5 traces, tied by a correlation id and links.
 * Each service takes a message and sends the next one; the last one takes and is done.
 */
export const choreography: Profile = {
  name: 'choreography',
  says: 'runs of 10 spans over 5 services and 5 traces, tied by a correlation id',
  spansPerRun: 10,
  run(random, number) {
    const order = new Order(random, number);
    return { key: order.key, hops: SERVICES.map((_, at) => order.hop(at)) };
  },
};

/** The ids of one order, drawn when it begins, so that its hops need no random source. */
class Order {
  readonly key: string;
  readonly #tenant: string;
  readonly #traces: readonly string[];
  readonly #first: readonly string[];
  readonly #second: readonly string[];
  readonly #messages: readonly string[];
  readonly #bodyBytes: readonly number[];
  /** By how much a span begins and ends later, in nanoseconds: no two spans of a real service take as long. */
  readonly #jitterNs: readonly bigint[];

  constructor(random: Seeded, number: number) {
    this.key = `order-${uuid(random)}-${String(number)}`;
    this.#tenant = random.pick(TENANTS);
    this.#traces = SERVICES.map(() => random.hex(32));
    this.#first = SERVICES.map(() => random.hex(16));
    this.#second = SERVICES.map(() => random.hex(16));
    this.#messages = EVENTS.map(() => uuid(random));
    this.#bodyBytes = EVENTS.map(() => random.below(BODY_BYTES_MAX));
    this.#jitterNs = Array.from({ length: 4 * SERVICES.length }, () =>
      BigInt(random.below(16_000_000)),
    );
  }

  hop(at: number): Hop {
    return {
      service: SERVICES[at] ?? 'shop',
      spans: (atNs) => {
        const first = at === 0 ? this.#request(atNs) : this.#take(at, atNs);
        return [first, at === EVENTS.length ? this.#work(at, atNs) : this.#send(at, atNs)];
      },
    };
  }

  #request(atNs: bigint): StreamSpan {
    const attributes: Attribute[] = [...httpAttributes('/orders', this.#tenant)];
    attributes[10] = ['messaging.message.conversation_id', this.key];
    return this.#span(0, atNs, { id: 0, name: 'POST /orders', kind: KIND.server, attributes });
  }

  #take(at: number, atNs: bigint): StreamSpan {
    return this.#span(at, atNs, {
      id: 0,
      name: `consume ${EVENTS[at - 1] ?? ''}`,
      kind: KIND.consumer,
      attributes: messagingAttributes('process', this.#facts(at - 1)),
    });
  }

  #send(at: number, atNs: bigint): StreamSpan {
    return this.#span(at, atNs, {
      id: 1,
      name: `publish ${EVENTS[at] ?? ''}`,
      kind: KIND.producer,
      attributes: messagingAttributes('send', this.#facts(at)),
    });
  }

  #work(at: number, atNs: bigint): StreamSpan {
    const attributes: Attribute[] = [...httpAttributes('/mail', this.#tenant)];
    attributes[10] = ['messaging.message.conversation_id', this.key];
    return this.#span(at, atNs, { id: 1, name: 'send mail', kind: KIND.internal, attributes });
  }

  #facts(message: number) {
    return {
      key: this.key,
      workflow: 'order',
      tenant: this.#tenant,
      destination: EVENTS[message] ?? '',
      messageId: this.#messages[message] ?? '',
      bodyBytes: this.#bodyBytes[message] ?? 0,
    };
  }

  #span(
    at: number,
    atNs: bigint,
    { id, ...rest }: Pick<StreamSpan, 'name' | 'kind' | 'attributes'> & { id: 0 | 1 },
  ): StreamSpan {
    const isTake = rest.kind === KIND.consumer;
    const [later = 0n, longer = 0n] = this.#jitterNs.slice(4 * at + 2 * id);
    return {
      ...rest,
      traceId: this.#traces[at] ?? '',
      spanId: (id === 0 ? this.#first : this.#second)[at] ?? '',
      parentId: id === 0 ? null : (this.#first[at] ?? null),
      startNs: atNs + later + (id === 0 ? 0n : 5n * MS),
      endNs: atNs + later + longer + (id === 0 ? 20n * MS : 6n * MS),
      link: isTake
        ? { traceId: this.#traces[at - 1] ?? '', spanId: this.#second[at - 1] ?? '' }
        : null,
    };
  }
}

function uuid(random: Seeded): string {
  const hex = random.hex(32);
  return [0, 8, 12, 16, 20].map((at, part, all) => hex.slice(at, all[part + 1])).join('-');
}
