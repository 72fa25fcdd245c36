import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { seeded } from '@throughline/fixtures/build/seeded';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import { batchLinks } from '@throughline/fixtures/scenarios/batch-links';
import { childRuns } from '@throughline/fixtures/scenarios/child-runs';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { keylessTrace } from '@throughline/fixtures/scenarios/keyless-trace';
import { orderUsedAgain } from '@throughline/fixtures/scenarios/order-used-again';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import { twoKeysJoin } from '@throughline/fixtures/scenarios/two-keys-join';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { systemClock } from '../../collector/src/clock.js';
import { loadConfig } from '../../collector/src/config/load-config.js';
import { Engine, fingerprintOf, type EngineDeps } from '../../collector/src/engine.js';
import { ANY_RUN } from '../../collector/src/query/run-filter.js';
import { dumpRun } from '../../collector/src/stitch/canonical-dump.js';
import { stitchOptionsOf } from '../../collector/src/stitch/options-of.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { storeIdentity } from '../../collector/src/store-identity.js';
import type { FactStore } from '../../collector/src/store/fact-store.js';
import type { Archives } from '../../collector/src/store/run-archive.js';
import { openArchives } from '../../collector/src/store/sqlite/archive/open-archive.js';
import { openFactStore } from '../../collector/src/store/sqlite/open.js';
import { until } from '../support/until.js';
import { stepsOf } from './telling.js';

const STORIES = [happyOrder, batchLinks, childRuns, keylessTrace, orderUsedAgain, twoKeysJoin];
const ROUNDS = 8;
const BODY_SPANS = 12;
/** A fraction of what is told. */
const SPANS_IN_MEMORY = 150;

interface Opened {
  readonly folder: string;
  readonly store: FactStore;
  readonly archives: Archives;
}

let folder: string;
const opened: Opened[] = [];
const engines: Engine[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-memory-'));
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.pipeline.close();
  for (const { store, archives } of opened.splice(0)) {
    archives.close();
    await store.close();
  }
  rmSync(folder, { recursive: true });
});

const onWarning = (text: string): void => expect.fail(text);

async function open(name: string): Promise<Opened> {
  const place = join(folder, name);
  const store = await openFactStore({ folder: place, clock: systemClock, onWarning });
  return openAgain({ folder: place, store });
}

async function openAgain({ folder: place, store }: Omit<Opened, 'archives'>): Promise<Opened> {
  const archives = await openArchives({
    folder: place,
    identity: await storeIdentity(store),
    newestBodyId: await store.idBeforeNewest(0),
    onWarning,
  });
  const one = { folder: place, store, archives };
  opened.push(one);
  return one;
}

const { policy } = loadConfig({ flags: {}, env: {}, cwd: tmpdir() });
const FINGERPRINT = fingerprintOf(policy);

async function start(
  { store }: Opened,
  from: Pick<EngineDeps, 'archive' | 'readsBack'> & Partial<Pick<EngineDeps, 'onTrouble'>>,
): Promise<Engine> {
  const engine = new Engine({
    store,
    clock: systemClock,
    policy,
    spansInMemoryMax: SPANS_IN_MEMORY,
    onTrouble: onWarning,
    ...from,
    onChange: () => undefined,
    onSwept: () => undefined,
  });
  engines.push(engine);
  await engine.pipeline.replay();
  return engine;
}

/** What many users of a system do at about the same time, in the pieces in which it arrives. */
function arrivals(seed: string): SpanDescription[][] {
  const chance = seeded(seed);
  const all: { readonly span: SpanDescription; readonly at: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [number, story] of STORIES.entries()) {
      const begin = (round * STORIES.length + number) * 40;
      const startNs = (STORY_START_NS + nsFromMs(begin * 100_000)) as UnixNs;
      const { spans } = story.tell(`${seed}/${String(round)}/${story.name}`, startNs);
      for (const span of spans) {
        // Now and then one comes long after the others.
        const isLate = chance.fraction() < 0.05;
        all.push({ span, at: begin + chance.below(isLate ? 2_000 : 60) });
      }
    }
  }
  all.sort((a, b) => a.at - b.at);
  const bodies: SpanDescription[][] = [];
  for (let at = 0; at < all.length; at += BODY_SPANS) {
    bodies.push(all.slice(at, at + BODY_SPANS).map(({ span }) => span));
  }
  return bodies;
}

async function send(engine: Engine, spans: readonly SpanDescription[]): Promise<void> {
  const inflated = new TextEncoder().encode(otlpJson(spans));
  const body = { format: 'otlp-json', contentEncoding: 'identity', inflated } as const;
  await engine.pipeline.accept({ ...body, raw: inflated.slice() });
}

/** Everything has been looked at, and memory is within its bound. */
async function settled({ pipeline }: Engine): Promise<void> {
  await until('memory is within its bound', () => {
    pipeline.settle();
    return !pipeline.memory.isFull && !pipeline.archivist.isBehind;
  });
}

function expectAllOf(engine: Engine, bodies: readonly SpanDescription[][]): void {
  const whole = new Stitcher(stitchOptionsOf(engine.policy));
  for (const [at, spans] of bodies.entries()) whole.add(stepsOf(spans), at + 1);
  whole.takeChanges();
  const ids = [...whole.ids()].sort();
  const page = engine.tables.runs.list({
    filter: ANY_RUN,
    sort: 'startedAt',
    descending: false,
    limit: 1_000,
    cursor: null,
  });
  expect(page.items.map(({ id }) => id).sort()).toEqual(ids);
  for (const id of ids) expect(dumpRun(engine.run(id))).toBe(dumpRun(whole.run(id)));
}

test.each(['mugs', 'lamps', 'tea'])(
  'a memory too small for all runs shows every one of them as it is, also after a crash: %s',
  async (seed) => {
    const first = await open('first');
    const archive = first.archives.begin(FINGERPRINT);
    first.archives.keep(archive);
    const engine = await start(first, { archive, readsBack: 'everything' });
    const bodies = arrivals(seed);
    for (const spans of bodies) await send(engine, spans);
    await settled(engine);
    expect(engine.pipeline.memory.spans).toBeLessThanOrEqual(SPANS_IN_MEMORY);
    expect(archive.runCount).toBeGreaterThan(10);
    expect(engine.pipeline.memory.spansForgotten).toBe(0);
    expectAllOf(engine, bodies);
    const archiveFile = join(first.folder, 'runs-1.db');
    expect(statSync(archiveFile).mode & 0o777).toBe(0o600);

    // What is on disk at this moment is what a crash would leave.
    cpSync(first.folder, join(folder, 'second'), { recursive: true });
    const second = await open('second');
    const kept = second.archives.reopen(FINGERPRINT);
    if (kept === undefined) throw new Error('the archive was not kept');
    const again = await start(second, { archive: kept, readsBack: 'what-the-archive-lacks' });
    await settled(again);
    expectAllOf(again, bodies);
  },
  120_000,
);

test('an archive that fails costs memory its oldest spans, until a start reads them again', async () => {
  const first = await open('first');
  const archive = first.archives.begin(FINGERPRINT);
  first.archives.keep(archive);
  const troubles: string[] = [];
  const onTrouble = (text: string): void => void troubles.push(text);
  const engine = await start(first, { archive, readsBack: 'everything', onTrouble });
  archive.close();
  const bodies = arrivals('cups');
  for (const spans of bodies) await send(engine, spans);
  await settled(engine);
  expect(engine.pipeline.memory.spansForgotten).toBeGreaterThan(0);
  expect(troubles).toEqual([expect.stringContaining('archive of runs that left memory')]);

  const { archives } = await openAgain(first);
  const kept = archives.reopen(FINGERPRINT);
  if (kept === undefined) throw new Error('the archive was not kept');
  const again = await start(first, { archive: kept, readsBack: 'what-the-archive-lacks' });
  await settled(again);
  expectAllOf(again, bodies);
}, 60_000);

test('an archive that was made under another configuration, or is not whole, is not reopened', async () => {
  const { archives } = await open('first');
  archives.keep(archives.begin('one'));
  archives.close();
  expect(archives.reopen('another')).toBeUndefined();
  archives.begin('two');
  archives.close();
  expect(archives.reopen('two')).toBeUndefined();
});
