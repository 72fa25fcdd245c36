import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seeded } from '@throughline/fixtures/build/seeded';
import { startProgram, type Program } from '../support/start-program.js';
import { ackedIn, storedIn } from './acked-bodies.js';

/** More cycles find rarer faults: `THROUGHLINE_KILL_CYCLES=500 npx vitest run test/faults`. */
const CYCLES = Number(process.env['THROUGHLINE_KILL_CYCLES'] ?? 10);
const SEED = process.env['THROUGHLINE_SEED'] ?? 'kill-nine';
const child = fileURLToPath(new URL('./appending-child.mjs', import.meta.url));

let folder: string;
let running: Program[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-kill-'));
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((program) => program.stop('SIGKILL')));
  rmSync(folder, { recursive: true });
});

function start(first: number): Program {
  const program = startProgram([process.execPath, child, folder, String(first)]);
  running.push(program);
  return program;
}

describe('a store whose process is killed', () => {
  it(
    `at ${CYCLES} moments of seed ${SEED} has every body that it acknowledged, each once, without repair`,
    async () => {
      const chance = seeded(SEED);
      const acked = new Map<number, number>();
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        const program = start(cycle * 1_000_000);
        await program.says(/^ready$/m);
        await pause(chance.below(300));
        await program.stop('SIGKILL');
        expect(program.said()).not.toContain('warning');
        for (const [number, id] of ackedIn(program.said())) acked.set(number, id);
        const found = await storedIn(folder);
        const lost = [...acked].filter(([number, id]) => found.get(number) !== id);
        expect(lost).toEqual([]);
      }
      expect(acked.size).toBeGreaterThan(CYCLES);
    },
    60_000 + CYCLES * 10_000,
  );

  it('gives its folder back at once, whereas a living one keeps it and is named', async () => {
    const holder = start(0);
    await holder.says(/^acked /m);
    const second = start(1_000_000);
    expect(await second.ended()).toBe(1);
    expect(second.said()).toContain('fault STORE_IN_USE');
    expect(second.said()).toContain(`process id ${holder.process.pid}`);
    await holder.stop('SIGKILL');
    const third = start(2_000_000);
    await third.says(/^acked 2000000 /m);
  });
});
