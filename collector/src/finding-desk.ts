import type { Finding } from '@throughline/model/finding';
import type { Clock } from './clock.js';
import type { Detector } from './detect/detector.js';
import type { FindingAct, FindingDesk } from './query/sources.js';
import type { FactStore } from './store/fact-store.js';

export interface FindingDeskDeps {
  readonly detector: Detector;
  readonly store: FactStore;
  readonly clock: Clock;
  /** Called after an act is durable. */
  readonly changed: () => void;
}

/** Lays what an operator decides over what the rules say, and keeps it: a restart forgets no decision. */
export function findingDesk({ detector, store, clock, changed }: FindingDeskDeps): FindingDesk {
  return {
    async act(id: string, act: FindingAct): Promise<Finding | undefined> {
      const finding = (
        detector as unknown as {
          act?: (i: string, a: FindingAct, n: bigint) => Finding | undefined;
        }
      ).act?.(id, act, clock.now());
      if (finding === undefined) return undefined;
      for (const record of detector.toSave()) {
        await store.putRecord('finding', record.id, record.value);
      }
      changed();
      return finding;
    },
  };
}
