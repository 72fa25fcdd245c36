import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FindingView } from '@throughline/model/api/findings';
import type { Page } from '@throughline/model/api/primitives';
import { expectNothingLost } from './check-history.js';
import { order } from './orders.js';
import { scaled, tell } from './scale.js';
import { Sender } from './sender.js';
import { Scene, type WatchedCollector } from './watched-collector.js';
import { getJson, witnessApi, witnessFolder } from './witness.js';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe('a collector on a folder', () => {
  it('B9 is the only one: a second one ends at once and names the first', async () => {
    const first = await scene.start();
    const sender = new Sender(scene.history);
    await sender.send(first.url, order(1));
    const startedMs = performance.now();
    const second = scene.launch();
    expect(await second.ended()).not.toBe(0);
    const ms = performance.now() - startedMs;
    expect(second.said()).toContain(`process id ${String(first.process.pid)}`);
    expect(second.said()).not.toContain('ready');
    await sender.send(first.url, order(2));
    await witnessApi(scene.history, first.url);
    expectNothingLost(scene.history.operations());
    await first.stop('SIGKILL');
    // Whoever is killed gives the folder back at once.
    const third = await scene.start();
    await sender.send(third.url, order(3));
    sender.close();
    tell(
      'B9',
      `a second collector ended after ${ms.toFixed(0)} ms, named the holder, wrote nothing; after kill -9 the folder is free`,
    );
    expect(ms).toBeLessThan(scaled({ quick: 20_000, full: 2_000 }));
  });

  it('B10 that is asked to end answers what it took, commits it, and is gone in time', async () => {
    const rounds = scaled({ quick: 1, full: 50 });
    let slowestMs = 0;
    for (let round = 0; round < rounds; round += 1) {
      const collector = await scene.start();
      const senders = Array.from({ length: 20 }, () => new Sender(scene.history));
      const isOver = { value: false };
      const sending = senders.map(async (sender, lane) => {
        for (let number = 0; !isOver.value; number += 1) {
          const answer = await sender.send(collector.url, order(round * 1e6 + lane * 1e4 + number));
          if (answer === null) return;
        }
      });
      await pause(500);
      const startedMs = performance.now();
      expect(await collector.stop('SIGTERM')).toBe(0);
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      isOver.value = true;
      await Promise.all(sending);
      for (const sender of senders) sender.close();
      await witnessFolder(scene.history, scene.dataFolder);
      expectNothingLost(scene.history.operations());
    }
    const figures = expectNothingLost(scene.history.operations());
    tell(
      'B10',
      `${String(rounds)} × SIGTERM under 20 senders: ${String(figures.spansAcked)} spans acknowledged, 0 lost; gone after ${slowestMs.toFixed(0)} ms at most, exit 0`,
    );
    expect(slowestMs).toBeLessThan(10_000);
  }, 600_000);

  it('B10 that was stopped for a while reports nothing that it only slept through', async () => {
    scene.configure(`
flows:
  - workflow: order
    starts: { event: order.placed }
    expect: [ { after: order.placed, event: order.packed, by: shop, within: 2s } ]
no_consumer_expected: [ "*" ]
detect: { stalled: { grace: 1s } }
`);
    const collector = await scene.start();
    await event(collector, 'order.placed');
    collector.process.kill('SIGSTOP');
    // It is delivered while the collector sleeps, and lies in its socket.
    const late = event(collector, 'order.packed');
    await pause(scaled({ quick: 4_500, full: 60_000 }));
    collector.process.kill('SIGCONT');
    await late;
    await pause(4_500);
    const { items } = await getJson<Page<FindingView>>(
      `${collector.url}/api/v1/findings?state=open,closed`,
    );
    expect(
      items.filter(({ rule }) => rule === 'stalled-run').map(({ sentence }) => sentence),
    ).toEqual([]);
    tell(
      'B10',
      `stopped for ${scaled({ quick: '4.5', full: '60' })} s with the awaited event in its socket: 0 false findings`,
    );
  }, 120_000);
});

async function event(
  collector: WatchedCollector,
  name: 'order.placed' | 'order.packed',
): Promise<void> {
  const digit = name === 'order.placed' ? '1' : '2';
  const startNs = BigInt(Date.now()) * 1_000_000n;
  const attributes = {
    'messaging.system': 'rabbitmq',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'orders',
    'messaging.message.conversation_id': 'order-1',
    'throughline.event.type': name,
  };
  const span = {
    traceId: digit.repeat(32),
    spanId: digit.repeat(16),
    name: `send ${name}`,
    kind: 4,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 1_000_000n),
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const response = await fetch(`${collector.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(response.status).toBe(200);
}
