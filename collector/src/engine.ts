import type { Policy } from '@throughline/model/policy';
import type { Clock } from './clock.js';
import { Detector } from './detect/detector.js';
import { savedCorrections } from './learn-desk.js';
import { Pipeline, type Change } from './pipeline.js';
import { ReceiveTimes } from './receive-times.js';
import { stitchOptionsOf } from './stitch/options-of.js';
import { Stitcher } from './stitch/stitch.js';
import { createDerivedTables } from './store/derived/derived-tables.js';
import type { FactStore } from './store/fact-store.js';
import type { DerivedTables } from './store/read-store.js';
import type { Tally } from './tally.js';

export interface EngineDeps {
  readonly store: FactStore;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly tally?: Tally;
  readonly onChange: (change: Change) => void;
  readonly onSwept: () => void;
}

/** Everything that follows from the facts under one policy: the line, with what it stitches, shows and judges. */
export class Engine {
  readonly policy: Policy;
  readonly stitcher: Stitcher;
  readonly tables: DerivedTables = createDerivedTables();
  readonly detector: Detector;
  readonly pipeline: Pipeline;

  constructor(deps: EngineDeps) {
    const { policy, store } = deps;
    this.policy = policy;
    this.stitcher = new Stitcher(stitchOptionsOf(policy));
    const received = new ReceiveTimes();
    const { stitcher, tables } = this;
    const detector = new Detector(policy, store.records('finding'), (id) =>
      received.of(stitcher.firstBodyIdOf(id) ?? 0),
    );
    detector.corrected(savedCorrections(store));
    this.detector = detector;
    const onStored = received.note.bind(received);
    this.pipeline = new Pipeline({ ...deps, stitcher, tables, detector, onStored });
  }
}
