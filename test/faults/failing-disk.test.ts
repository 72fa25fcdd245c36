import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.js';
import { expectNothingLost } from './check-history.js';
import { order } from './orders.js';
import { quantile, scaled, tell } from './scale.js';
import { Sender } from './sender.js';
import { Scene, type WatchedCollector } from './watched-collector.js';
import { witnessAccounts, witnessApi, witnessFolder } from './witness.js';

/** The tracer steps behind its tracee, so that signals reach the collector; its own output stays out of ours. */
const TRACER = [
  ...['strace', '--daemonize', '--follow-forks', '--quiet=all', '--output=/dev/null'],
  ...['--seccomp-bpf', '--trace=fsync'],
] as const;
const canTrace =
  spawnSync(TRACER[0], [...TRACER.slice(1), '--inject=fsync:error=EIO:when=4+4', 'true']).status ===
  0;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe.skipIf(!canTrace)('a failing disk', () => {
  it('B5 refuses the spans of that moment, keeps every acknowledged one, and goes on by itself', async () => {
    const faults = scaled({
      quick: ['fsync:error=EIO:when=12+9'],
      full: Array.from(
        { length: 200 },
        (_, k) =>
          `fsync:error=${k % 2 ? 'ENOSPC' : 'EIO'}:when=${String(k + 4)}+${String(7 + (k % 30))}`,
      ),
    });
    let acked = 0;
    let refused = 0;
    for (const fault of faults) {
      const under = [...TRACER, `--inject=${fault}`];
      const collector = await scene.start({ under });
      const senders = Array.from({ length: 4 }, () => new Sender(scene.history));
      const isOver = { value: false };
      let number = 0;
      const sending = senders.map(async (sender) => {
        while (!isOver.value)
          await sender.deliver(() => collector.url, order(number++), { retryMs: 30 });
      });
      await until(
        'the disk failed three times and was well again',
        () => (collector.said().match(/can be written again/g)?.length ?? 0) >= 3,
        { withinMs: 60_000 },
      );
      isOver.value = true;
      await Promise.all(sending);
      for (const sender of senders) sender.close();
      await collector.stop('SIGKILL');
      await witnessFolder(scene.history, scene.dataFolder);
      const second = await scene.start();
      await witnessApi(scene.history, second.url);
      await second.stop('SIGKILL');
      const figures = expectNothingLost(scene.history.operations());
      expect(figures.refusals).toBeGreaterThan(0);
      acked += figures.spansAcked;
      refused += figures.refusals;
      await scene.leave();
      scene = new Scene();
    }
    tell(
      'B5',
      `fsync fails at ${String(faults.length)} × every n-th call: ${String(acked)} spans acknowledged, 0 lost; ${String(refused)} requests answered 503 and taken later`,
    );
  }, 3_600_000);

  it('B6 that is slow makes senders wait, and nobody else', async () => {
    const delayMs = scaled({ quick: 300, full: 2_000 });
    const quiet = await livenessDuring(scene, null);
    const slow = await livenessDuring(scene, delayMs);
    const figures = expectNothingLost(scene.history.operations());
    const [before, during] = [quantile(quiet.answerMs, 0.99), quantile(slow.answerMs, 0.99)];
    tell(
      'B6',
      `every fsync takes ${String(delayMs)} ms: /livez p99 ${before.toFixed(1)} → ${during.toFixed(1)} ms, acknowledged after ${quantile(slow.ackMs, 0.5).toFixed(0)} ms (p50); ${String(figures.spansAcked)} spans acknowledged, 0 lost, ${String(figures.refusals)} requests refused`,
    );
    expect(quantile(slow.ackMs, 0.5)).toBeGreaterThan(delayMs * 0.8);
    expect(during).toBeLessThan(Math.max(20, before * 3, scaled({ quick: delayMs / 2, full: 20 })));
  }, 120_000);
});

it.runIf(!canTrace)('a failing disk is not tried here: strace may not make calls fail', () => {
  expect(canTrace).toBe(false);
});

/** How fast the process answers while 40 senders send. */
async function livenessDuring(scene: Scene, delayMs: number | null) {
  const under =
    delayMs === null ? [] : [...TRACER, `--inject=fsync:delay_enter=${String(delayMs * 1_000)}`];
  const collector = await scene.start({ under, withinMs: 60_000 });
  const senders = Array.from({ length: 40 }, () => new Sender(scene.history));
  const isOver = { value: false };
  let number = delayMs ?? 0;
  const sending = senders.map(async (sender) => {
    while (!isOver.value) {
      await sender.send(collector.url, order(1_000_000 * (delayMs ?? 1) + number++));
      await pause(40);
    }
  });
  const answerMs = await livezTimes(collector, scaled({ quick: 1_500, full: 30_000 }));
  isOver.value = true;
  await Promise.all(sending);
  for (const sender of senders) sender.close();
  await witnessAccounts(scene.history, collector.url);
  await collector.stop('SIGKILL');
  await witnessFolder(scene.history, scene.dataFolder);
  return { answerMs, ackMs: senders.flatMap(({ ackMs }) => ackMs) };
}

async function livezTimes(collector: WatchedCollector, forMs: number): Promise<number[]> {
  const times: number[] = [];
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    const startedMs = performance.now();
    const response = await fetch(`${collector.url}/livez`);
    await response.text();
    expect(response.status).toBe(200);
    times.push(performance.now() - startedMs);
    await pause(5);
  }
  return times;
}
