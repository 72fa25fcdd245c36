import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/start-program.js';
import { ackedIn, storedIn } from './acked-bodies.js';

const child = fileURLToPath(new URL('./appending-child.mjs', import.meta.url));
/** Lets every 40th `fsync` of the process fail, as a dying disk does. The tracer steps behind its tracee. */
const failing = [
  ...[
    'strace',
    '--daemonize',
    '--follow-forks',
    '--quiet=all',
    '--output=/dev/null',
    '--seccomp-bpf',
  ],
  ...['--trace=fsync', '--inject=fsync:error=EIO:when=40+40'],
] as const;
const canTrace = spawnSync(failing[0], [...failing.slice(1), 'true']).status === 0;

describe.skipIf(!canTrace)('a disk that fails to sync now and then', () => {
  it('refuses the bodies of that moment, keeps every acknowledged one, and goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-eio-'));
    const program = startProgram([...failing, process.execPath, child, folder, '0', '4']);
    try {
      // Several failures, and life after each of them.
      await program.says(/(refused [^]*?acked [^]*?can be written again[^]*?){3}/, 60_000);
      await program.stop('SIGKILL');
      const acked = ackedIn(program.said());
      const found = await storedIn(folder);
      expect([...acked].filter(([number, id]) => found.get(number) !== id)).toEqual([]);
      expect(acked.size).toBeGreaterThan(20);
      expect(program.said()).toContain('STORE_UNAVAILABLE');
    } finally {
      await program.stop('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});

it.runIf(!canTrace)('a failing disk is not tried here: strace may not make calls fail', () => {
  expect(canTrace).toBe(false);
});
