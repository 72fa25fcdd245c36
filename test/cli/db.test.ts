import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import type { RunItem } from '@throughline/model/api/runs';
import { runCli } from '../../collector/src/cli/cli.js';
import { systemClock } from '../../collector/src/clock.js';
import { openCollector } from '../support/open-collector.js';
import { startCollector } from '../support/start-collector.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function db(
  ...args: readonly string[]
): Promise<{ exit: number; said: string; told: unknown }> {
  const texts = { out: '', said: '' };
  const exit = await runCli(['db', '--json', ...args], {
    out: (text) => void (texts.out += text),
    say: (text) => void (texts.said += text),
    env: {},
    cwd: folder,
    clock: systemClock,
    isTerminal: false,
    readInput: () => Readable.from([]),
    onReload: () => undefined,
    untilStopped: () => Promise.resolve(),
  });
  return { exit, said: texts.said, told: texts.out === '' ? null : JSON.parse(texts.out) };
}

/** A store with so many stories in it. @returns the runs that it shows. */
async function filled(dataFolder: string, stories: number): Promise<readonly RunItem[]> {
  const collector = await openCollector({ dataFolder });
  try {
    for (let n = 0; n < stories; n++) await collector.send(happyOrder.tell(`story ${n}`).spans);
    return itemsOf(await collector.get('/runs'));
  } finally {
    await collector.close();
  }
}

function itemsOf({ body }: { body: unknown }): readonly RunItem[] {
  return (body as { items: RunItem[] }).items;
}

const SPANS = happyOrder.tell('story 0').spans.length;

describe('a backup', () => {
  it('of a running collector under load is whole, and a restore of it shows what was acknowledged', async () => {
    const running = await startCollector(join(folder, 'data'));
    try {
      const state = { sent: 0, isOver: false };
      const send = async (): Promise<void> => {
        const response = await fetch(`${running.url}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: otlpJson(happyOrder.tell(`load ${state.sent}`).spans),
        });
        expect(response.status).toBe(200);
        state.sent += 1;
      };
      const load = async (): Promise<void> => {
        while (!state.isOver) await send();
      };
      for (let n = 0; n < 50; n++) await send();
      const before = state.sent;
      const loading = load();
      const { exit, told } = await db('backup', 'backup.db', '--data', 'data');
      state.isOver = true;
      await loading;
      const { bodies } = told as { bodies: number };
      expect(exit).toBe(0);
      expect(bodies).toBeGreaterThanOrEqual(before);
      expect(bodies).toBeLessThanOrEqual(state.sent);
      expect(await db('check', 'backup.db')).toMatchObject({
        exit: 0,
        told: { ok: true, bodies, spans: bodies * SPANS, rejected: 0, faults: [] },
      });
      expect(readdirSync(folder).sort()).toEqual(['backup.db', 'data']);
      expect(await db('restore', 'backup.db', '--data', 'other')).toMatchObject({ exit: 0 });
      const other = await openCollector({ dataFolder: join(folder, 'other') });
      const { body } = await other.get('/stats');
      await other.close();
      expect((body as { total: { received: number } }).total.received).toBe(bodies * SPANS);
    } finally {
      await running.stop();
    }
  });

  it('never takes the place of a file that is there, unless told to', async () => {
    await filled(join(folder, 'data'), 1);
    writeFileSync(join(folder, 'precious.db'), 'precious');
    const refused = await db('backup', 'precious.db');
    expect(refused).toMatchObject({ exit: 1 });
    expect(refused.said).toMatch(/precious\.db is there already[\s\S]*--force/);
    expect(statSync(join(folder, 'precious.db')).size).toBe('precious'.length);
    expect(await db('backup', 'precious.db', '--force')).toMatchObject({ exit: 0 });
    expect(await db('check', 'precious.db')).toMatchObject({ exit: 0, told: { bodies: 1 } });
  });

  it('of a folder without a store says so', async () => {
    const { exit, said } = await db('backup', 'b.db', '--data', 'nowhere');
    expect(exit).toBe(1);
    expect(said).toContain('There is no file');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a restore', () => {
  it('gives the same runs, and leaves a folder that holds a store alone unless told', async () => {
    const runs = await filled(join(folder, 'data'), 2);
    await db('backup', 'backup.db');
    await filled(join(folder, 'other'), 1);
    const refused = await db('restore', 'backup.db', '--data', 'other');
    expect(refused).toMatchObject({ exit: 1 });
    expect(refused.said).toContain('holds a store already');
    const { exit, told } = await db('restore', 'backup.db', '--data', 'other', '--force');
    expect(exit).toBe(0);
    const { movedTo } = told as { movedTo: string };
    expect(await db('check', join(movedTo, 'facts.db'))).toMatchObject({ told: { bodies: 1 } });
    const restored = await openCollector({ dataFolder: join(folder, 'other') });
    const shown = itemsOf(await restored.get('/runs'));
    await restored.close();
    expect(shown).toEqual(runs);
  });

  it('is refused while a collector uses the folder, and when the file is no store or damaged', async () => {
    await filled(join(folder, 'data'), 3);
    await db('backup', 'backup.db');
    const running = await startCollector(join(folder, 'data'));
    const refused = await db('restore', 'backup.db', '--force');
    await running.stop();
    expect(refused.exit).toBe(1);
    expect(refused.said).toMatch(/is in use by the collector with process id \d+/);
    writeFileSync(join(folder, 'text.db'), 'once upon a time');
    expect((await db('restore', 'text.db', '--data', 'new')).said).toContain(
      'no store of Throughline',
    );
    damage(join(folder, 'backup.db'), 0.5);
    const damaged = await db('restore', 'backup.db', '--data', 'new');
    expect(damaged.exit).toBe(1);
    expect(damaged.said).toContain('is damaged');
    expect(readdirSync(folder)).not.toContain('new');
  });
});

describe('a check', () => {
  it('finds a damaged page and says which bodies it costs', async () => {
    await filled(join(folder, 'data'), 3);
    expect(await db('check')).toMatchObject({
      exit: 0,
      told: { ok: true, bodies: 3, spans: 3 * SPANS, bodiesByFormat: { 'otlp-json': 3 } },
    });
    damage(join(folder, 'data', 'facts.db'), 0.5);
    const { exit, told, said } = await db('check');
    expect(exit).toBe(1);
    expect((told as { faults: string[] }).faults.length).toBeGreaterThan(0);
    expect(said).toContain('is damaged');
  });

  it('works beside a collector that runs', async () => {
    const running = await startCollector(join(folder, 'data'));
    expect(await db('check')).toMatchObject({ exit: 0, told: { bodies: 0 } });
    await running.stop();
  });
});

describe('a rebuild', () => {
  it('says what follows from the facts under the configuration of today', async () => {
    await filled(join(folder, 'data'), 2);
    const { exit, told } = await db('rebuild');
    expect(exit).toBe(0);
    expect(told).toMatchObject({
      bodies: 2,
      spans: { received: 2 * SPANS, stored: 2 * SPANS, duplicate: 0, rejected: {} },
      runs: 1,
      workflows: 1,
      damaged: [],
    });
  });
});

/** Writes nonsense over the middle of a file. */
function damage(file: string, share: number): void {
  const at = Math.floor(statSync(file).size * share);
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(8_192, 0xa5), 0, 8_192, at);
  closeSync(handle);
}
