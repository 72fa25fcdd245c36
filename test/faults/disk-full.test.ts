import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.js';
import { expectNothingLost } from './check-history.js';
import { order } from './orders.js';
import { tell } from './scale.js';
import { Sender } from './sender.js';
import { Scene } from './watched-collector.js';
import { getJson, witnessApi } from './witness.js';

/** A disk of its own for one process, which goes away with it: nothing to unmount. */
const ALONE = ['unshare', '--map-root-user', '--mount', 'sh', '-c'] as const;
const canMount = spawnSync(ALONE[0], [...ALONE.slice(1), 'mount -t tmpfs tmpfs /mnt']).status === 0;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe.skipIf(!canMount)('a full disk', () => {
  it('B4 costs nothing acknowledged, refuses for a while, is still read, and heals when there is room', async () => {
    const disk = join(scene.folder, 'disk');
    mkdirSync(disk);
    const script = `mount -t tmpfs -o size=48m tmpfs '${disk}' && head -c 16777216 /dev/urandom >'${disk}/ballast' && exec "$@"`;
    const collector = await scene.start({
      under: [...ALONE, script, 'sh'],
      dataFolder: join(disk, 'data'),
    });
    const { url } = collector;
    const sender = new Sender(scene.history);
    let number = 0;
    const next = () => order(number++, { spanCount: 4, ballastBytes: 100_000 });
    const fill = async (): Promise<void> => {
      await until(
        'the disk is full',
        async () => (await sender.send(url, next()))?.status === 503,
        {
          everyMs: 0,
        },
      );
    };
    await fill();
    const refusal = await fetch(`${url}/readyz`);
    expect(refusal.status).toBe(503);
    expect(await refusal.text()).toContain('No space is left');
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    await getJson(`${url}/api/v1/runs?limit=50`);
    await getJson(`${url}/api/v1/alerts`);
    await witnessApi(scene.history, url);
    expectNothingLost(scene.history.operations());

    // Seen from here, the disk lies below the process that has it.
    rmSync(`/proc/${String(collector.process.pid)}/root${disk}/ballast`);
    const freedMs = performance.now();
    await until(
      'spans are taken again',
      async () => (await sender.send(url, order(1_000_000)))?.status === 200,
      {
        withinMs: 30_000,
      },
    );
    const resumedMs = performance.now() - freedMs;
    await until('it is ready again', async () => (await fetch(`${url}/readyz`)).status === 200);
    await fill();
    await witnessApi(scene.history, url);
    sender.close();
    const figures = expectNothingLost(scene.history.operations());
    tell(
      'B4',
      `a disk of 48 MiB filled twice: ${String(figures.spansAcked)} spans acknowledged, 0 lost, ${String(figures.refusals)} requests answered 503 with Retry-After; taken again ${(resumedMs / 1_000).toFixed(1)} s after there was room, without a restart`,
    );
    expect(resumedMs).toBeLessThan(30_000);
  }, 120_000);
});

it.runIf(!canMount)('a full disk is not tried here: unshare may not mount a small one', () => {
  expect(canMount).toBe(false);
});
