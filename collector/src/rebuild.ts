import { performance } from 'node:perf_hooks';
import type { Policy } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import type { Clock } from './clock.js';
import { Detector } from './detect/detector.js';
import { Fault } from './errors.js';
import { Pipeline } from './pipeline.js';
import { ANY_RUN } from './query/run-filter.js';
import { stitchOptionsOf } from './stitch/options-of.js';
import { Stitcher } from './stitch/stitch.js';
import { TieredRunTable } from './store/archive/tiered-run-table.js';
import { createDerivedTables } from './store/derived/derived-tables.js';
import type { FactStore, StoreState } from './store/fact-store.js';
import { archiveInMemory } from './store/sqlite/archive/open-archive.js';
import type { StoredFacts } from './store/sqlite/stored-facts.js';
import type { Counts } from './tally.js';

/** What follows from all facts of a store, under one configuration. */
export interface Rebuilt {
  readonly bodies: number;
  readonly spans: Counts;
  /** More than memory holds, and all tied to each other: not part of any run here. */
  readonly spansForgotten: number;
  readonly runs: number;
  readonly runsByStatus: Readonly<Record<string, number>>;
  readonly workflows: number;
  readonly openFindings: number;
  readonly tookMs: number;
}

export interface RebuildOptions {
  readonly facts: StoredFacts;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly onDamage: (text: string) => void;
  readonly onBody: (count: number) => void;
}

/**
 * Reads every stored body again and makes of it what a start would make: decoded, stitched, judged. Nothing is
 * written.
 */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { policy, clock } = options;
  const startedAtMs = performance.now();
  const counted = { bodies: 0 };
  const tables = createDerivedTables();
  const archive = await archiveInMemory();
  const all = new TieredRunTable(tables.runs, archive);
  const detector = new Detector(policy, new Map());
  const pipeline = new Pipeline({
    store: readOnly(options, counted),
    clock,
    policy,
    stitcher: new Stitcher(stitchOptionsOf(policy)),
    tables,
    detector,
    archive,
    readsBack: 'everything',
    onChange: () => undefined,
    onTrouble: options.onDamage,
  });
  try {
    await pipeline.replay();
    const facets = all.facets(ANY_RUN);
    return {
      bodies: counted.bodies,
      spans: pipeline.tally().total,
      spansForgotten: pipeline.memory.spansForgotten,
      runs: all.size,
      runsByStatus: Object.fromEntries(facets.status),
      workflows: facets.workflow.size,
      openFindings: detector.findings().filter(({ closedAtNs }) => closedAtNs === null).length,
      tookMs: performance.now() - startedAtMs,
    };
  } finally {
    await pipeline.close();
    archive.close();
  }
}

/** A store that forgets what it is told: what follows from the facts is looked at here, and not kept. */
function readOnly(
  { facts, onDamage, onBody }: RebuildOptions,
  counted: { bodies: number },
): FactStore {
  const refuse = (): Promise<never> =>
    Promise.reject(new Fault('STORE_UNAVAILABLE', 'This store is only read.'));
  return {
    append: refuse,
    drop: refuse,
    async *read(afterId) {
      for (const body of facts.bodies(afterId, onDamage)) {
        counted.bodies += 1;
        onBody(counted.bodies);
        yield { ...body, receivedAtNs: body.receivedAtNs as UnixNs };
        await Promise.resolve();
      }
    },
    bodies: (ids) =>
      facts
        .bodiesById(ids, onDamage)
        .map((body) => ({ ...body, receivedAtNs: body.receivedAtNs as UnixNs })),
    idBeforeNewest: (spanCountMax) => Promise.resolve(facts.idBeforeNewest(spanCountMax)),
    putRecord: () => Promise.resolve(),
    deleteRecord: () => Promise.resolve(),
    records: () => new Map(),
    state: () => NOTHING_STORED,
    close: () => Promise.resolve(),
  };
}

const NOTHING_STORED: StoreState = {
  isWritable: false,
  reason: 'This store is only read.',
  bodies: 0,
  bytesOnDisk: 0,
  inFlightBytes: 0,
  oldestReceivedAtNs: null,
  oldestBodyId: null,
};
