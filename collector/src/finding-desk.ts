import { unreachable } from '@throughline/model/invariant';
import type { Finding } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';
import type { Clock } from './clock.js';
import type { Detector } from './detect/detector.js';
import type { FindingAct, FindingDesk } from './query/sources.js';
import type { FactStore } from './store/fact-store.js';

export interface FindingDeskDeps {
  /** The one that is shown first; then those that are to take its place. */
  readonly detectors: () => readonly [Detector, ...Detector[]];
  readonly store: FactStore;
  readonly clock: Clock;
  /** Called after an act is durable. */
  readonly changed: () => void;
}

/** Lays what an operator decides over what the rules say, and keeps it: a restart forgets no decision. */
export function findingDesk({ detectors, store, clock, changed }: FindingDeskDeps): FindingDesk {
  return {
    async act(id, act) {
      const [detector, ...others] = detectors();
      const finding = decide(detector, id, { act, now: clock.now() });
      for (const other of others) decide(other, id, { act, now: clock.now() });
      if (finding === undefined) return undefined;
      await Promise.all(
        detector
          .toSave()
          .map((record) =>
            record.value === null
              ? store.deleteRecord('finding', record.id)
              : store.putRecord('finding', record.id, record.value),
          ),
      );
      changed();
      return finding;
    },
  };
}

function decide(
  detector: Detector,
  id: string,
  { act, now }: { readonly act: FindingAct; readonly now: UnixNs },
): Finding | undefined {
  // This version knows no users: what is said is kept, not who said it.
  const note = { by: null, note: act.note };
  switch (act.act) {
    case 'acknowledge':
      return detector.acknowledge(id, note);
    case 'snooze':
      return detector.snooze(id, { ...note, untilNs: act.untilNs, untilRuns: act.untilRuns });
    case 'close':
      return detector.close(id, note, now);
    default:
      return unreachable(act);
  }
}
