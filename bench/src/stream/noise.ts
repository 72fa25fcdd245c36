import type { Seeded } from '@throughline/fixtures/build/seeded';
import { choreography } from './choreography.js';
import { httpAttributes } from './messaging-attributes.js';
import { KIND, type Hop, type Profile, type RunPlan } from './span.js';

/** A request is 3 spans and an order 10: five requests for each order make 60 of 100 spans noise. */
const REQUESTS_PER_ORDER = 5;
const ROUTES = ['/', '/search', '/products/{id}', '/basket', '/health', '/account'] as const;
const MS = 1_000_000n;

/** Orders as in `choreography` among plain requests over HTTP that carry no key: 60 % of all spans. */
export const noise: Profile = {
  name: 'noise',
  says: 'orders of choreography among requests over HTTP without any key: 60 % of the spans',
  spansPerRun: 4,
  run(random, number) {
    const isOrder = number % (REQUESTS_PER_ORDER + 1) === 0;
    return isOrder ? choreography.run(random, number) : request(random);
  },
};

function request(random: Seeded): RunPlan {
  const base = { traceId: random.hex(32), link: null };
  const route = random.pick(ROUTES);
  const [root, call, served] = [random.hex(16), random.hex(16), random.hex(16)];
  const attributes = httpAttributes(route, `tenant-${String(random.below(20))}`);
  const front: Hop = {
    service: 'web',
    spans: (atNs) => [
      {
        ...{ ...base, spanId: root, parentId: null, name: `GET ${route}`, kind: KIND.server },
        ...{ startNs: atNs, endNs: atNs + 30n * MS, attributes },
      },
      {
        ...{ ...base, spanId: call, parentId: root, name: 'GET', kind: KIND.client },
        ...{ startNs: atNs + MS, endNs: atNs + 25n * MS, attributes },
      },
    ],
  };
  const back: Hop = {
    service: 'catalogue',
    spans: (atNs) => [
      {
        ...{ ...base, spanId: served, parentId: call, name: `GET ${route}`, kind: KIND.server },
        ...{ startNs: atNs + 2n * MS, endNs: atNs + 24n * MS, attributes },
      },
    ],
  };
  return { key: null, hops: [front, back] };
}
