import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, describe } from 'vitest';
import type { RunId, TraceId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { systemClock } from '../../collector/src/clock.js';
import { decode } from '../../collector/src/decode/decode.js';
import { LIMITS } from '../../collector/src/limits.js';
import { normalize } from '../../collector/src/normalize/normalize.js';
import { ANY_RUN } from '../../collector/src/query/run-filter.js';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { createDerivedTables } from '../../collector/src/store/derived/derived-tables.js';
import type { RunFilter } from '../../collector/src/store/read-store.js';
import { openFactStore } from '../../collector/src/store/sqlite/open.js';
import { orderBody } from './orders.js';

const BODIES = 128;
const BODY_BYTES = 64 * 1024;
const RUNS = 100_000;
const SECOND_NS = 1_000_000_000n;

describe(`${String(BODIES)} bodies of ${String(BODY_BYTES)} bytes, each durable before the end`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const opening = openFactStore({ folder, clock: systemClock, onWarning: console.warn });
  const append = async (): Promise<number> => {
    const body = randomBytes(BODY_BYTES);
    const like = { format: 'otlp-protobuf', contentEncoding: 'gzip', spanCount: 512 } as const;
    return (await opening).append({ ...like, receivedAtNs: systemClock.now(), body });
  };

  bench('all at once: few commits', async () => {
    await Promise.all(Array.from({ length: BODIES }, append));
  });

  bench(
    'one after the other: a commit for each',
    async () => {
      for (let at = 0; at < BODIES; at += 1) await append();
    },
    {
      teardown: async (_, mode) => {
        if (mode !== 'run') return;
        await (await opening).close();
        rmSync(folder, { recursive: true });
      },
    },
  );
});

describe(`tables of ${String(RUNS)} orders`, () => {
  const stitcher = new Stitcher({ keyPartnersMax: LIMITS.keyPartnersMax, flows: [] });
  const spans = decode('otlp-json', orderBody(0, 1)).spans;
  stitcher.add(
    spans.map((span) => normalize(span, [])),
    1,
  );
  const like = stitcher.run(stitcher.takeChanges().changed[0] ?? '');
  if (like === undefined) throw new Error('the order is a run');
  const contribution = contributionOf(like);
  const tables = createDerivedTables();

  /** The same order again, a second later than the one before, in one of twenty workflows. */
  const put = (at: number): void => {
    const later = BigInt(at) * SECOND_NS;
    const id = `r_${String(at).padStart(22, '0')}` as RunId;
    const workflow = `workflow ${String(at % 20)}`;
    tables.put(
      {
        ...like,
        id,
        workflow,
        aliases: [],
        status: at % 50 === 0 ? 'failed' : 'active',
        keys: [{ type: 'order', value: String(at), relation: 'same' }],
        traceIds: [at.toString(16).padStart(32, '0') as TraceId],
        startedAtNs: (like.startedAtNs + later) as UnixNs,
        lastActivityAtNs: (like.lastActivityAtNs + later) as UnixNs,
      },
      {
        runId: id,
        workflow,
        hops: contribution.hops.map((hop) => ({ ...hop, atNs: (hop.atNs + later) as UnixNs })),
        messages: contribution.messages.map((trail) => ({
          ...trail,
          sentAtNs: trail.sentAtNs === null ? null : ((trail.sentAtNs + later) as UnixNs),
        })),
      },
    );
  };
  for (let at = 0; at < RUNS; at += 1) put(at);
  const newestNs = like.startedAtNs + BigInt(RUNS) * SECOND_NS;
  const list = (filter: RunFilter): number =>
    tables.runs.list({ filter, sort: 'lastActivityAt', descending: true, limit: 50, cursor: null })
      .items.length;
  const map = (minutes: bigint): number =>
    tables.traffic.edges({
      fromNs: (newestNs - minutes * 60n * SECOND_NS) as UnixNs,
      toNs: newestNs as UnixNs,
      workflow: null,
      level: 'destination',
    }).length;

  bench('put a run again', () => put(Math.floor(RUNS / 2)));
  bench('list the newest 50', () => void list(ANY_RUN));
  bench('list the newest 50 failed ones of a workflow', () => {
    list({ ...ANY_RUN, workflows: ['workflow 0'], statuses: ['failed'] });
  });
  bench('find a run by its key', () => {
    tables.runs.byKey({ type: 'order', value: '4711' });
  });
  bench('add up the map of 15 minutes', () => void map(15n));
  bench('add up the map of 24 hours', () => void map(24n * 60n));
  bench('count the facets of a status', () => {
    tables.runs.facets({ ...ANY_RUN, statuses: ['active'] });
  });
});
