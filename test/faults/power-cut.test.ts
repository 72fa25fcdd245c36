import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import { judge } from './check-history.js';
import type { Operation } from './history.js';
import { order } from './orders.js';
import { readTrace, type DiskOperation } from './disk-trace.js';
import { scaled, seed, tell } from './scale.js';
import { Sender } from './sender.js';
import { Scene } from './watched-collector.js';
import { spansInFolder } from './witness.js';

const canTrace = spawnSync('strace', ['--quiet=all', '--output=/dev/null', 'true']).status === 0;

const TRACER = [
  ...['strace', '--daemonize', '--follow-forks', '--quiet=all', '--decode-fds=path'],
  ...['--trace=pwrite64,fsync,fdatasync,ftruncate', '--seccomp-bpf'],
  ...['--strings-in-hex=all', '--string-limit=300000'],
] as const;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe.skipIf(!canTrace)('a failing disk that loses its power', () => {
  it('B2 at any moment, with any part of what was not synced gone, loses nothing acknowledged', async () => {
    const { operations, acked } = await recorded();
    const history = scene.history.operations();
    const cuts = scaled({ quick: 30, full: 1_000 });
    const chance = seeded(seed);
    let lossy = 0;
    let checked = 0;
    for (let cut = 0; cut < cuts; cut += 1) {
      const at = chance.below(operations.length);
      const place = join(scene.folder, `cut-${String(cut)}`);
      mkdirSync(place);
      rebuild(operations.slice(0, at), { place, chance, how: cut % 3 });
      // Space kept back is laid down by whoever opens the store; that it is there already changes nothing but the time.
      if (existsSync(join(place, 'facts.db')) && sizeOf(join(place, 'facts.db')) > 0) {
        linkSync(join(scene.dataFolder, 'facts.db.reserve'), join(place, 'facts.db.reserve'));
      }
      const heard = acked.filter(
        ({ bytesOfTrace }) => bytesOfTrace <= (operations[at]?.offset ?? 0),
      );
      const { verdict } = judge(
        await historyOf(
          history,
          heard.flatMap(({ spans }) => spans),
          place,
        ),
      );
      const { lost, altered, invented } = verdict;
      if (lost.length > 0 || altered.length > 0 || invented.length > 0) lossy += 1;
      checked += heard.length;
      rmSync(place, { recursive: true });
    }
    expect(lossy).toBe(0);
    expect(operations.length).toBeGreaterThan(100);
    expect(checked).toBeGreaterThan(cuts);
    tell(
      'B2',
      `${String(cuts)} power cuts in ${String(operations.length)} recorded disk operations, with all, none or a random half of the unsynced writes gone, the last one torn: ${String(lossy)} lose anything acknowledged, 0 need repair`,
    );
  }, 1_200_000);
});

it.runIf(!canTrace)('a power cut is not tried here: strace may not watch', () => {
  expect(canTrace).toBe(false);
});

interface Acked {
  readonly spans: readonly string[];
  /** How much of the trace was written when the answer was heard: no more had to happen for it. */
  readonly bytesOfTrace: number;
}

/** Lets four senders send to a traced collector, and kills it. */
async function recorded(): Promise<{ operations: DiskOperation[]; acked: Acked[] }> {
  const trace = join(scene.folder, 'trace');
  const collector = await scene.start({
    under: [...TRACER, `--output=${trace}`],
    withinMs: 60_000,
  });
  const acked: Acked[] = [];
  const senders = Array.from({ length: 4 }, () => new Sender(scene.history));
  const rounds = scaled({ quick: 25, full: 300 });
  await Promise.all(
    senders.map(async (sender, lane) => {
      for (let round = 0; round < rounds; round += 1) {
        const spans = order(lane * 100_000 + round, {
          ballastBytes: round % 10 === 0 ? 20_000 : 100,
        });
        const answer = await sender.send(collector.url, spans);
        expect(answer?.status).toBe(200);
        // What is in the trace by now has happened before the answer was heard, or is a sync that is not needed for it.
        acked.push({
          spans: spans.map(({ traceId, spanId }) => `${traceId}.${spanId}`),
          bytesOfTrace: sizeOf(trace),
        });
      }
    }),
  );
  for (const sender of senders) sender.close();
  await collector.stop('SIGKILL');
  return {
    operations: readTrace(readFileSync(trace, 'latin1'), basename(scene.dataFolder)),
    acked,
  };
}

/** The same sending, of which only these spans were acknowledged before the cut; and what is there after it. */
async function historyOf(
  history: readonly Operation[],
  heard: readonly string[],
  place: string,
): Promise<Operation[]> {
  const sent = history.filter(({ op }) => op === 'sent');
  const acked = new Set(heard);
  const answers = sent.flatMap((one) =>
    one.op === 'sent' && one.spans.every(({ id }) => acked.has(id))
      ? [
          {
            op: 'answered' as const,
            request: one.request,
            status: 200,
            rejected: 0,
            retryAfter: null,
          },
        ]
      : [],
  );
  return [...sent, ...answers, { op: 'stored', spans: await spansInFolder(place) }];
}

interface Rebuilding {
  readonly place: string;
  readonly chance: Seeded;
  /** 0: every unsynced write is gone; 1: a random half; 2: all but a part of the last. */
  readonly how: number;
}

/** Makes the files as a disk could hold them when the power goes after these operations. */
function rebuild(operations: readonly DiskOperation[], { place, chance, how }: Rebuilding): void {
  const lastSync = new Map<string, number>();
  for (const [at, { file, kind }] of operations.entries())
    if (kind === 'sync') lastSync.set(file, at);
  const files = new Map<string, Buffer>();
  const lastUnsynced = operations.findLastIndex(
    ({ kind, file }, at) => kind === 'write' && at > (lastSync.get(file) ?? -1),
  );
  for (const [at, operation] of operations.entries()) {
    const { file } = operation;
    const isSynced = at < (lastSync.get(file) ?? -1);
    if (operation.kind === 'sync') continue;
    if (!isSynced && (how === 0 || (how === 1 && chance.below(2) === 0))) continue;
    const before = files.get(file) ?? Buffer.alloc(0);
    if (operation.kind === 'truncate') {
      const grown = Buffer.alloc(operation.bytes);
      before.copy(grown);
      files.set(file, grown);
      continue;
    }
    const isTorn = at === lastUnsynced && !isSynced;
    const { length } = operation.data;
    // Disks write sectors of 512 bytes whole.
    const data = isTorn
      ? operation.data.subarray(0, Math.floor(chance.below(length) / 512) * 512)
      : operation.data;
    const after = Buffer.alloc(Math.max(before.length, operation.at + data.length));
    before.copy(after);
    data.copy(after, operation.at);
    files.set(file, after);
  }
  for (const [file, bytes] of files) writeFileSync(join(place, file), bytes);
}

function sizeOf(path: string): number {
  return readFileSync(path).length;
}
