import { createHash } from 'node:crypto';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import type { Clock } from './clock.js';
import { Detector } from './detect/detector.js';
import { savedCorrections } from './learn-desk.js';
import type { Change } from './line-words.js';
import { Pipeline, type ReadsBack } from './pipeline.js';
import { ReceiveTimes } from './receive-times.js';
import { stitchOptionsOf } from './stitch/options-of.js';
import { Stitcher } from './stitch/stitch.js';
import { noArchive } from './store/archive/no-archive.js';
import { TieredRunTable } from './store/archive/tiered-run-table.js';
import { createDerivedTables } from './store/derived/derived-tables.js';
import type { FactStore } from './store/fact-store.js';
import type { RunTable, TrafficTable } from './store/read-store.js';
import type { RunArchive } from './store/run-archive.js';
import type { Tally } from './tally.js';

export interface EngineDeps {
  readonly store: FactStore;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly tally?: Tally;
  readonly onChange: (change: Change) => void;
  readonly onSwept: () => void;
  /** Where runs go that leave memory; without one, none leaves. */
  readonly archive?: RunArchive;
  /** Everything unless said. */
  readonly readsBack?: ReadsBack;
  readonly spansInMemoryMax?: number;
  readonly onTrouble: (text: string) => void;
}

/** Everything that follows from the facts under one policy: the line, with what it stitches, shows and judges. */
export class Engine {
  readonly policy: Policy;
  readonly stitcher: Stitcher;
  /** Every run, whether it is in memory or left it; what they move, as far as they are in memory. */
  readonly tables: { readonly runs: RunTable; readonly traffic: TrafficTable };
  readonly detector: Detector;
  readonly pipeline: Pipeline;
  readonly archive: RunArchive;

  constructor(deps: EngineDeps) {
    const { policy, store } = deps;
    this.policy = policy;
    this.stitcher = new Stitcher(stitchOptionsOf(policy));
    const received = new ReceiveTimes();
    const tables = createDerivedTables();
    const archive = deps.archive ?? noArchive();
    const bound = deps.archive ? {} : { spansInMemoryMax: Infinity };
    this.tables = {
      runs: new TieredRunTable(tables.runs, archive),
      traffic: tables.traffic,
    };
    const { stitcher } = this;
    const detector = new Detector(policy, store.records('finding'), (id) =>
      received.of(stitcher.firstBodyIdOf(id) ?? 0),
    );
    detector.corrected(savedCorrections(store));
    this.detector = detector;
    const onStored = received.note.bind(received);
    this.pipeline = new Pipeline({
      readsBack: 'everything',
      ...deps,
      ...bound,
      archive,
      stitcher,
      tables,
      detector,
      onStored,
    });
    this.archive = archive;
  }

  /** Assembles the run of an id or alias, wherever it lies; undefined when nobody ever was called so. */
  run(idOrAlias: string): Run | undefined {
    const { archivist } = this.pipeline;
    const newStitcher = (): Stitcher => new Stitcher(stitchOptionsOf(this.policy));
    const here = this.stitcher.run(idOrAlias);
    if (here === undefined) return archivist.runs.run(idOrAlias, newStitcher);
    if (!archivist.runs.has(here.id)) return here;
    this.pipeline.reunite(here.id);
    return this.stitcher.run(idOrAlias);
  }

  /** The stored bodies that hold the spans of a run, ascending. */
  bodyIds(idOrAlias: string): readonly number[] {
    const here = this.stitcher.bodyIds(idOrAlias);
    return here.length > 0 ? here : this.pipeline.archivist.runs.bodyIds(idOrAlias);
  }
}

/** Of everything that runs depend on, other than the facts: runs of another one are other runs. */
export function fingerprintOf(policy: Policy): string {
  const { keys } = policy;
  const text = JSON.stringify({ keys, ...stitchOptionsOf(policy) }, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
