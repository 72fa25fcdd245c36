import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/start-program.js';

const child = fileURLToPath(new URL('./filling-child.mjs', import.meta.url));
/** A disk of its own for one process, which goes away with it: nothing to unmount. */
const onSmallDisk = ['unshare', '--map-root-user', '--mount', 'sh', '-c'] as const;
const canMount =
  spawnSync(onSmallDisk[0], [...onSmallDisk.slice(1), 'mount -t tmpfs tmpfs /mnt']).status === 0;

describe.skipIf(!canMount)('a full disk', () => {
  it('costs nothing acknowledged, refuses for a while, and heals when there is room again', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'throughline-disk-'));
    const mountAndRun = `mount -t tmpfs -o size=48m tmpfs '${disk}' && exec '${process.execPath}' '${child}' '${disk}'`;
    const program = startProgram([...onSmallDisk, mountAndRun]);
    try {
      expect(await program.ended(), program.said()).toBe(0);
      const said = program
        .said()
        .split('\n')
        .map((line) => line.replace(/ for \/.*| \/tmp\S* .*/, ''));
      expect(said.filter((line) => line !== '')).toEqual([
        'warning No space is left',
        'refused STORE_UNAVAILABLE 503 1',
        'reason No space is left',
        'missing 0',
        expect.stringContaining('warning'),
        'writable',
        'warning No space is left',
        'refused STORE_UNAVAILABLE 503 1',
        'missing 0',
        'dropped all',
        expect.stringContaining('warning'),
        'writable',
        'missing 0',
        'closed',
      ]);
    } finally {
      await program.stop('SIGKILL');
      rmSync(disk, { recursive: true });
    }
  });
});

it.runIf(!canMount)('a full disk is not tried here: unshare may not mount a small one', () => {
  expect(canMount).toBe(false);
});
