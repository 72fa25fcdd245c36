import type { Seeded } from '@throughline/fixtures/build/seeded';
import { messagingAttributes } from './messaging-attributes.js';
import { KIND, type Hop, type Profile, type StreamSpan } from './span.js';

const BRANCHES = 50;
const MS = 1_000_000n;

/** 1 → 50 → 1: a splitter sends fifty messages, fifty workers answer each, one joiner takes all answers. */
export const fanOut: Profile = {
  name: 'fan-out',
  says: '1 → 50 → 1: fifty messages out, fifty answers joined, 201 spans over 51 traces',
  spansPerRun: 201,
  run(random, number) {
    const split = new Split(random, number);
    const branches = Array.from({ length: BRANCHES }, () => branchOf(random));
    return {
      key: split.key,
      hops: [
        split.start(branches),
        ...branches.map((branch) => split.work(branch)),
        ...branches.map((branch) => split.join(branch)),
      ],
    };
  },
};

/** The ids of one of the fifty: its trace, its four spans and its two messages. */
type Branch = ReturnType<typeof branchOf>;

function branchOf(random: Seeded) {
  const id = (): string => random.hex(16);
  const spans = { sent: id(), took: id(), answered: id(), joined: id() };
  return { ...spans, trace: random.hex(32), part: random.hex(24), answer: random.hex(24) };
}

class Split {
  readonly key: string;
  readonly #tenant: string;
  readonly #traceId: string;
  readonly #rootId: string;

  constructor(random: Seeded, number: number) {
    this.key = `batch-${random.hex(16)}-${String(number)}`;
    this.#tenant = `tenant-${String(random.below(20))}`;
    this.#traceId = random.hex(32);
    this.#rootId = random.hex(16);
  }

  start(branches: readonly Branch[]): Hop {
    const [traceId, parentId] = [this.#traceId, this.#rootId];
    const root = (atNs: bigint): StreamSpan => ({
      ...{ traceId, spanId: parentId, parentId: null, link: null },
      ...{ name: 'split', kind: KIND.internal, startNs: atNs, endNs: atNs + 60n * MS },
      attributes: [['messaging.message.conversation_id', this.key]],
    });
    const send = ({ sent, part }: Branch, atNs: bigint): StreamSpan => ({
      ...this.#send('parts', part),
      ...{ traceId, spanId: sent, parentId, startNs: atNs, endNs: atNs + MS },
    });
    return {
      service: 'splitter',
      spans: (atNs) => [
        root(atNs),
        ...branches.map((branch, at) => send(branch, atNs + BigInt(at) * MS)),
      ],
    };
  }

  work({ trace, sent, took, answered, part, answer }: Branch): Hop {
    const link = { traceId: this.#traceId, spanId: sent };
    return {
      service: 'worker',
      spans: (atNs) => [
        {
          ...this.#take('parts', part),
          ...{ traceId: trace, spanId: took, link, startNs: atNs, endNs: atNs + 20n * MS },
        },
        {
          ...this.#send('answers', answer),
          ...{ traceId: trace, spanId: answered, parentId: took },
          ...{ startNs: atNs + 15n * MS, endNs: atNs + 16n * MS },
        },
      ],
    };
  }

  join({ trace, answered, joined, answer }: Branch): Hop {
    const link = { traceId: trace, spanId: answered };
    return {
      service: 'joiner',
      spans: (atNs) => [
        {
          ...this.#take('answers', answer),
          ...{ traceId: trace, spanId: joined, link, startNs: atNs, endNs: atNs + 5n * MS },
        },
      ],
    };
  }

  #send(destination: string, messageId: string) {
    const attributes = messagingAttributes('send', this.#facts(destination, messageId));
    return { name: `publish ${destination}`, kind: KIND.producer, link: null, attributes };
  }

  #take(destination: string, messageId: string) {
    const attributes = messagingAttributes('process', this.#facts(destination, messageId));
    return { name: `consume ${destination}`, kind: KIND.consumer, parentId: null, attributes };
  }

  #facts(destination: string, messageId: string) {
    const run = { key: this.key, workflow: 'split-and-join', tenant: this.#tenant };
    return { ...run, destination, messageId, bodyBytes: 900 };
  }
}
