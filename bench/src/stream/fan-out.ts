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
    const key = `batch-${random.hex(16)}-${String(number)}`;
    const tenant = `tenant-${String(random.below(20))}`;
    const id = (): string => random.hex(16);
    const root = { traceId: random.hex(32), spanId: id() };
    const branches = Array.from({ length: BRANCHES }, () => ({
      trace: random.hex(32),
      ...{ sent: id(), took: id(), answered: id(), joined: id() },
      ...{ part: random.hex(24), answer: random.hex(24) },
    }));
    const facts = (destination: string, messageId: string) => ({
      ...{ key, workflow: 'split-and-join', tenant, destination, messageId, bodyBytes: 900 },
    });
    const send = (destination: string, messageId: string) => ({
      ...{ name: `publish ${destination}`, kind: KIND.producer, link: null },
      attributes: messagingAttributes('send', facts(destination, messageId)),
    });
    const take = (destination: string, messageId: string) => ({
      ...{ name: `consume ${destination}`, kind: KIND.consumer, parentId: null },
      attributes: messagingAttributes('process', facts(destination, messageId)),
    });
    const split: Hop = {
      service: 'splitter',
      spans: (atNs) => [
        {
          ...{ ...root, parentId: null, name: 'split', kind: KIND.internal, link: null },
          ...{ startNs: atNs, endNs: atNs + 60n * MS },
          attributes: [['messaging.message.conversation_id', key]],
        },
        ...branches.map(({ sent, part }, at): StreamSpan => ({
          ...send('parts', part),
          ...{ traceId: root.traceId, spanId: sent, parentId: root.spanId },
          ...during(atNs + BigInt(at) * MS, MS),
        })),
      ],
    };
    const work = branches.map(({ trace, sent, took, answered, part, answer }): Hop => ({
      service: 'worker',
      spans: (atNs) => [
        {
          ...take('parts', part),
          ...{ traceId: trace, spanId: took, link: { traceId: root.traceId, spanId: sent } },
          ...during(atNs, 20n * MS),
        },
        {
          ...send('answers', answer),
          ...{ traceId: trace, spanId: answered, parentId: took },
          ...during(atNs + 15n * MS, MS),
        },
      ],
    }));
    const join = branches.map(({ trace, answered, joined, answer }): Hop => ({
      service: 'joiner',
      spans: (atNs) => [
        {
          ...take('answers', answer),
          ...{ traceId: trace, spanId: joined, link: { traceId: trace, spanId: answered } },
          ...during(atNs, 5n * MS),
        },
      ],
    }));
    return { key, hops: [split, ...work, ...join] };
  },
};

function during(startNs: bigint, takesNs: bigint): Pick<StreamSpan, 'startNs' | 'endNs'> {
  return { startNs, endNs: startNs + takesNs };
}
