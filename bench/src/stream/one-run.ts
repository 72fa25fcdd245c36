import { messagingAttributes } from './messaging-attributes.js';
import { KIND, type Hop, type Profile } from './span.js';

const HOPS = 50_000;
const MS = 1_000_000n;

/** A single run of 100,000 spans: fifty thousand messages, each taken, by one key over a thousand traces. */
export const oneRun: Profile = {
  name: 'one-run',
  says: 'a single run of 100,000 spans by one key, over a thousand traces',
  spansPerRun: 2 * HOPS,
  run(random, number) {
    const key = `migration-${random.hex(16)}-${String(number)}`;
    const traces = Array.from({ length: 1_000 }, () => random.hex(32));
    const hop = (at: number): Hop => {
      const traceId = traces[at % traces.length] ?? '';
      const [sent, took, messageId] = [random.hex(16), random.hex(16), random.hex(24)];
      const destination = 'rows';
      const facts = { key, workflow: 'migration', tenant: 't', destination, messageId };
      return {
        service: 'migrator',
        spans: (atNs) => [
          {
            ...{ traceId, spanId: sent, parentId: null, name: 'publish rows', link: null },
            ...{ kind: KIND.producer, startNs: atNs, endNs: atNs + MS },
            attributes: messagingAttributes('send', { ...facts, bodyBytes: 90 }),
          },
          {
            ...{ traceId, spanId: took, parentId: sent, name: 'consume rows', link: null },
            ...{ kind: KIND.consumer, startNs: atNs + 2n * MS, endNs: atNs + 4n * MS },
            attributes: messagingAttributes('process', { ...facts, bodyBytes: 90 }),
          },
        ],
      };
    };
    return { key, hops: Array.from({ length: HOPS }, (_, at) => hop(at)) };
  },
};
