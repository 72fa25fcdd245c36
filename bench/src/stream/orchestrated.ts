import { httpAttributes } from './messaging-attributes.js';
import { KIND, type Hop, type Profile, type StreamSpan } from './span.js';

const WORKERS = ['pricing', 'stock', 'billing', 'labels', 'mailer'] as const;
const CALLS_MIN = 10;
const CALLS_SPREAD = 90;
const MS = 1_000_000n;

/** One trace per run: an orchestrator calls workers one after the other, 20 to 200 spans with both sides counted. */
export const orchestrated: Profile = {
  name: 'orchestrated',
  says: 'one trace per run: an orchestrator and its calls, 20 to 200 spans',
  spansPerRun: 110,
  run(random, number) {
    const key = `case-${random.hex(16)}-${String(number)}`;
    const tenant = `tenant-${String(random.below(20))}`;
    const traceId = random.hex(32);
    const rootId = random.hex(16);
    const base = { traceId, link: null };
    let beganNs: bigint | null = null;
    const began = (atNs: bigint): bigint => {
      beganNs ??= atNs - 2n * MS;
      return atNs;
    };

    const call = (at: number): Hop[] => {
      const worker = random.pick(WORKERS);
      const ids = [random.hex(16), random.hex(16)] as const;
      const attributes = httpAttributes(`/${worker}`, tenant);
      const keyed = [...attributes.slice(0, 11), ['throughline.key.case', key] as const];
      const asked = (atNs: bigint): StreamSpan => ({
        ...base,
        ...{ spanId: ids[0], parentId: rootId, name: `POST /${worker}`, kind: KIND.client },
        ...{ startNs: atNs, endNs: atNs + 12n * MS, attributes: at === 0 ? keyed : attributes },
      });
      const served = (atNs: bigint): StreamSpan => ({
        ...base,
        ...{ spanId: ids[1], parentId: ids[0], name: `POST /${worker}`, kind: KIND.server },
        ...{ startNs: atNs + MS, endNs: atNs + 11n * MS, attributes },
      });
      return [
        { service: worker, spans: (atNs) => [served(began(atNs))] },
        { service: 'orchestrator', spans: (atNs) => [asked(atNs)] },
      ];
    };
    const calls = Array.from({ length: CALLS_MIN + random.below(CALLS_SPREAD) }, (_, at) => at);
    const root: Hop = {
      service: 'orchestrator',
      spans: (atNs) => [
        {
          ...base,
          ...{ spanId: rootId, parentId: null, name: 'fulfil', kind: KIND.internal },
          ...{ startNs: beganNs ?? atNs, endNs: atNs + 20n * MS },
          attributes: [
            ['throughline.workflow.name', 'fulfilment'],
            ['throughline.key.case', key],
            ['tenant.id', tenant],
          ],
        },
      ],
    };
    return { key, hops: [...calls.flatMap(call), root] };
  },
};
