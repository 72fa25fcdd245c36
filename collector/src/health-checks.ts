import type { RebuildView } from '@throughline/model/api/config';
import type { BrokerReading } from '@throughline/model/broker';
import type { Fault } from './errors.js';
import type { HealthCheck } from './query/operating-router.js';
import type { StoreState } from './store/fact-store.js';

export interface Health {
  /** Why spans can be neither taken nor shown; undefined while they can. */
  readonly notYet: Fault | undefined;
  readonly rebuild: RebuildView;
  readonly store: StoreState;
  readonly brokers: readonly BrokerReading[];
}

/** How everything is, for `/readyz`. A broker that does not answer is named, and keeps nobody from sending spans. */
export function healthChecks({ notYet, rebuild, store, brokers }: Health): HealthCheck[] {
  const { isWritable, reason } = store;
  return [
    ...(rebuild.state === 'running'
      ? [
          {
            name: 'rebuild',
            ok: true,
            reason: `the stored spans are stitched anew: ${rebuild.percent} %, ${rebuild.requestsRead} of ${rebuild.requestsTotal} requests`,
          },
        ]
      : []),
    {
      name: 'replay',
      ok: notYet === undefined,
      reason: notYet?.message ?? 'everything is read back',
    },
    {
      name: 'store',
      ok: isWritable,
      reason: isWritable ? 'the store can be written' : (reason ?? 'the store cannot be written'),
    },
    ...brokers.map(({ broker, noData }) => ({
      name: `broker ${broker}`,
      ok: noData === null,
      isAside: true,
      reason:
        noData === null
          ? `the broker ${broker} answers`
          : `there is no data of the broker ${broker}: ${noData.reason}`,
    })),
  ];
}
