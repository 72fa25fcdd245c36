import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, describe } from 'vitest';
import { startCollector, type RunningCollector } from '../test/support/start-collector.js';
import { orderBody } from './orders.js';

const ORDERS_PER_BODY = 20;
const SENDERS = 4;
const BODIES = 50;
const WARM_UP_BODIES = 5;

/** The front door of the built collector, as exporters see it: `200` means durable. */
describe(`a body of ${String(ORDERS_PER_BODY)} orders, acknowledged`, () => {
  let collector: RunningCollector;
  let data: string;
  let next = 0;
  let made: Uint8Array<ArrayBuffer>[] = [];

  /** Bodies are made in advance, so that making them is not measured. */
  function makeBodies(count: number): void {
    made = Array.from({ length: count }, () => {
      next += ORDERS_PER_BODY;
      return orderBody(next, ORDERS_PER_BODY);
    });
  }

  async function send(): Promise<void> {
    const body = made.pop();
    if (!body) throw new Error('more bodies were sent than made');
    const response = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (response.status !== 200) throw new Error(`answered ${String(response.status)}`);
    await response.arrayBuffer();
  }

  const around = {
    time: 0,
    iterations: BODIES,
    warmupTime: 0,
    warmupIterations: WARM_UP_BODIES,
    async setup() {
      data = await mkdtemp(join(tmpdir(), 'throughline-bench-'));
      collector = await startCollector(data);
      makeBodies((BODIES + WARM_UP_BODIES) * SENDERS);
    },
    async teardown() {
      await collector.stop();
      await rm(data, { recursive: true, force: true });
    },
  };

  bench('one sender', send, around);

  bench(
    `${String(SENDERS)} senders at once`,
    async () => {
      await Promise.all(Array.from({ length: SENDERS }, send));
    },
    around,
  );
});
