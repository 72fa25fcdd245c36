import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import type { HoldView } from '@throughline/model/api/holds';
import type { RunItem } from '@throughline/model/api/runs';
import { runCli } from '../../collector/src/cli/cli.js';
import { systemClock } from '../../collector/src/clock.js';
import type { Config } from '../../collector/src/config/config.js';
import { manualClock } from '../support/manual-clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

const HOUR = 3_600_000;

let folder: string;
let clock: ReturnType<typeof manualClock>;
let collector: OpenCollector;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  clock = manualClock();
});
afterEach(async () => {
  await collector.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(retention: Config['storage']['retention']): Promise<void> {
  collector = await openCollector({
    dataFolder: folder,
    clock,
    change: (settings) => ({ ...settings, storage: { ...settings.storage, retention } }),
  });
}

/** One event of an order, in a request of its own; its payload does not compress. */
async function send(order: string, payloadBytes = 0): Promise<void> {
  const event = {
    specversion: '1.0',
    id: randomBytes(8).toString('hex'),
    source: '/shop',
    type: 'order.placed',
    correlationid: order,
    data: { filling: randomBytes(payloadBytes).toString('base64') },
  };
  const response = await fetch(`${collector.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(202);
}

async function orders(): Promise<readonly string[]> {
  const { body } = await collector.get('/runs?limit=500');
  const { items } = body as { items: RunItem[] };
  return items.map(({ keys, spanCount }) => `${keys[0]?.value ?? ''} ${spanCount}`).sort();
}

async function hold(
  ...args: readonly string[]
): Promise<{ exit: number; said: string; told: unknown }> {
  const texts = { out: '', said: '' };
  const exit = await runCli(['db', 'hold', '--json', ...args], {
    out: (text) => void (texts.out += text),
    say: (text) => void (texts.said += text),
    env: { THROUGHLINE_SERVER: collector.url },
    cwd: folder,
    clock: systemClock,
    isTerminal: false,
    readInput: () => Readable.from([]),
    onReload: () => undefined,
    untilStopped: () => Promise.resolve(),
  });
  return { exit, said: texts.said, told: texts.out === '' ? null : JSON.parse(texts.out) };
}

/** Lets retention have its rounds until the runs are these. */
async function retained(expected: readonly string[]): Promise<void> {
  await until(`only ${expected.join(', ')} are left`, async () => {
    clock.advance(60_000);
    return (await orders()).join() === expected.join();
  });
}

describe('a held run', () => {
  const BY_AGE = { ageMs: HOUR, bytesMax: 1e12 };

  it('stays when retention by age takes what came before and after it, over a restart, until the hold is lifted', async () => {
    await start(BY_AGE);
    for (const order of ['a', 'b', 'c', 'b']) await send(order);
    const { told } = await hold('add', 'correlation:b', '--note', 'disputed');
    expect(told).toMatchObject({ key: 'correlation:b', note: 'disputed', requests: 2 });
    clock.advance(2 * HOUR);
    // What comes for the run later is held as well.
    await send('b');
    await send('d');
    await retained(['b 3', 'd 1']);
    clock.advance(2 * HOUR);
    await retained(['b 3']);

    await collector.close();
    await start(BY_AGE);
    expect(await orders()).toEqual(['b 3']);
    clock.advance(2 * HOUR);
    await retained(['b 3']);
    const listed = (await hold('list')).told as { items: HoldView[] };
    expect(listed.items).toMatchObject([{ key: 'correlation:b', requests: 3, note: 'disputed' }]);
    expect(await hold('lift', listed.items[0]?.id ?? '')).toMatchObject({ exit: 0 });
    await retained([]);
    expect((await hold('list')).told).toMatchObject({ items: [] });
  });

  it('stays when retention by size takes all others', async () => {
    await start({ ageMs: 4e12, bytesMax: 500_000 });
    for (let n = 0; n < 30; n++) await send(`order-${n % 10}`, 40_000);
    await hold('add', 'order-0');
    await until('what may go has gone', async () => {
      clock.advance(60_000);
      const left = await orders();
      return left.length < 8;
    });
    expect(await orders()).toContain('order-0 3');
  });

  it('may be one run, by its id', async () => {
    await start(BY_AGE);
    for (const order of ['a', 'b']) await send(order);
    const { body } = await collector.get('/runs?key=a');
    const [run] = (body as { items: RunItem[] }).items;
    expect(await hold('add', '--run', run?.id ?? '')).toMatchObject({
      exit: 0,
      told: { key: null, run: run?.id, runs: [run?.id], requests: 1 },
    });
    clock.advance(2 * HOUR);
    await retained(['a 1']);
  });

  it('must be named: what is not there, or named twice, is refused', async () => {
    await start(BY_AGE);
    expect(await hold('add', '--run', 'r_nobody')).toMatchObject({ exit: 1 });
    expect(await hold('add')).toMatchObject({ exit: 2 });
    expect(await hold('add', 'a', '--run', 'b')).toMatchObject({ exit: 2 });
    expect((await hold('lift', 'h_nobody')).said).toContain('There is no hold h_nobody');
  });
});
