import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seeded } from '@throughline/fixtures/build/seeded';
import { until } from '../support/until.js';
import { expectNothingLost } from './check-history.js';
import { order } from './orders.js';
import { quantile, scaled, seed, tell } from './scale.js';
import { Sender } from './sender.js';
import { Scene, type WatchedCollector } from './watched-collector.js';
import { getJson, spansInFolder, witnessApi, witnessFolder } from './witness.js';

const CYCLES = scaled({ quick: 5, full: 500 });
/** So many kills of one folder; then another begins, so that reading it back stays short. */
const CYCLES_OF_FOLDER = 25;
const SENDERS = 8;
const READY_MS_MAX = scaled({ quick: 20_000, full: 2_000 });

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe('a collector that is killed', () => {
  it(
    `B1 at ${String(CYCLES)} moments has everything that it acknowledged, each once, without repair`,
    async () => {
      const chance = seeded(seed);
      const totals = { acked: 0, unacked: 0, ready: [] as number[] };
      for (let left = CYCLES; left > 0; left -= CYCLES_OF_FOLDER) {
        const cycles = Math.min(left, CYCLES_OF_FOLDER);
        const figures = await killAgainAndAgain(scene, { cycles, chance, ready: totals.ready });
        totals.acked += figures.spansAcked;
        totals.unacked += figures.unackedFound;
        await scene.leave();
        scene = new Scene();
      }
      const slowest = Math.max(...totals.ready);
      expect(totals.acked).toBeGreaterThan(CYCLES * 10);
      expect(slowest).toBeLessThan(READY_MS_MAX);
      tell(
        'B1',
        `${String(CYCLES)} kills, ${String(totals.acked)} spans acknowledged: 0 lost, 0 repeated, 0 altered, 0 repairs; ` +
          `ready after ${quantile(totals.ready, 0.5).toFixed(0)} ms (p50), ${slowest.toFixed(0)} ms (max)`,
      );
    },
    120_000 + CYCLES * 5_000,
  );

  it('B3 between the commit and the answer takes the sender’s second try, and has one of each span', async () => {
    const tries = scaled({ quick: 1, full: 100 });
    for (let number = 0; number < tries; number += 1) {
      const collector = await scene.start();
      const sender = new Sender(scene.history);
      const socket = sender.sendUnheard(collector.url, order(number));
      await until('the body is committed', async () => {
        const text = await (await fetch(`${collector.url}/metrics`)).text();
        return text.includes(`throughline_store_bodies ${String(number * 2 + 1)}`);
      });
      await collector.stop('SIGKILL');
      socket.destroy();
      const stored = await spansInFolder(scene.dataFolder);
      expect(stored.filter(({ run }) => run === `order-${String(number)}`)).toHaveLength(5);
      const second = await scene.start();
      expect(await sender.send(second.url, order(number))).toMatchObject({ status: 200 });
      await witnessApi(scene.history, second.url);
      const { total } = await getJson<{ total: { duplicate: number } }>(
        `${second.url}/api/v1/stats`,
      );
      expect(total.duplicate).toBe((number + 1) * 5);
      expectNothingLost(scene.history.operations());
      sender.close();
      await second.stop('SIGKILL');
    }
    tell('B3', `${String(tries)} bodies committed, killed, sent again: 0 duplicate spans shown`);
  }, 600_000);
});

interface Killing {
  readonly cycles: number;
  readonly chance: ReturnType<typeof seeded>;
  readonly ready: number[];
}

async function killAgainAndAgain(scene: Scene, { cycles, chance, ready }: Killing) {
  let next = 0;
  let waiting: number[] = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const collector = await scene.start();
    ready.push(collector.readyMs);
    const isOver = { value: false };
    const undone: number[] = [];
    const take = (): number => waiting.shift() ?? next++;
    const senders = Array.from({ length: SENDERS }, () =>
      sendUntilOver(scene, { collector, isOver, take, undone }),
    );
    await pause(chance.below(400));
    await collector.stop('SIGKILL');
    isOver.value = true;
    await Promise.all(senders);
    waiting = [...undone, ...waiting];
    await witnessFolder(scene.history, scene.dataFolder);
    expectNothingLost(scene.history.operations());
  }
  const last = await scene.start();
  await witnessApi(scene.history, last.url);
  await last.stop('SIGKILL');
  await witnessFolder(scene.history, scene.dataFolder);
  return expectNothingLost(scene.history.operations());
}

interface Sending {
  readonly collector: WatchedCollector;
  readonly isOver: { readonly value: boolean };
  readonly take: () => number;
  /** What had no answer: to be sent again, as exporters do. */
  readonly undone: number[];
}

async function sendUntilOver(scene: Scene, { collector, isOver, take, undone }: Sending) {
  const sender = new Sender(scene.history);
  while (!isOver.value) {
    const number = take();
    const answer = await sender.send(collector.url, order(number));
    if (answer?.status === 200) continue;
    undone.push(number);
    if (answer === null) break;
  }
  sender.close();
}
