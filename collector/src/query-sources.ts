import type { BrokerReading } from '@throughline/model/broker';
import type { Clock } from './clock.js';
import { explainRun } from './detect/explain-run.js';
import type { EngineRoom } from './engine-room.js';
import { exportOtlp } from './export-otlp.js';
import { findingDesk } from './finding-desk.js';
import type { HoldKeeper } from './hold-keeper.js';
import { learnDesk } from './learn-desk.js';
import { packageVersion } from './package-version.js';
import type { AlertDesk, Forwarded, QuerySources } from './query/sources.js';
import type { Reloader } from './reload.js';
import { summarize } from './store/derived/run-summary.js';
import type { FactStore } from './store/fact-store.js';

export interface QuerySourcesDeps {
  readonly clock: Clock;
  readonly store: FactStore;
  readonly engines: EngineRoom;
  readonly reloader: Reloader;
  readonly holds: HoldKeeper;
  readonly alertDesk: AlertDesk;
  readonly onFindingsChanged: () => void;
  readonly forwarded: () => Forwarded | null;
  readonly brokers: () => readonly BrokerReading[];
}

/** What the read API shows: always of the engine that is in use when it is asked. */
export function querySources(deps: QuerySourcesDeps): QuerySources {
  const { clock, store, engines, reloader, holds, alertDesk, forwarded } = deps;
  return {
    clock,
    version: packageVersion(),
    get policy() {
      return engines.current.policy;
    },
    get tables() {
      return engines.current.tables;
    },
    get findings() {
      return engines.current.detector;
    },
    findingDesk: findingDesk({
      detectors: () => {
        const [current, ...others] = engines.all;
        return [current.detector, ...others.map(({ detector }) => detector)];
      },
      store,
      clock,
      changed: deps.onFindingsChanged,
    }),
    learnDesk: learnDesk({ engines, store, clock, changed: deps.onFindingsChanged }),
    alertDesk,
    reloadDesk: reloader,
    holdDesk: holds,
    assemble: (idOrAlias) => engines.current.run(idOrAlias),
    summarize,
    explain: (run) => {
      const { detector } = engines.current;
      const promises = detector.promises(run);
      const findings = detector.findingsOfRun(run.id);
      return explainRun({ run, promises, findings }, clock.now());
    },
    exportOtlp: (run) => exportOtlp(run, engines.current.bodyIds(run.id), store),
    tally: () => engines.current.pipeline.tally(),
    forwarded,
    brokers: deps.brokers,
  };
}
