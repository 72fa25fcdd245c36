import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { bench, describe } from 'vitest';
import { startCollector, type RunningCollector } from '../test/support/start-collector.js';

const RUNS_PER_BODY = 20;
const SENDERS = 4;

/** The front door of the built collector, as exporters see it: `200` means durable. */
describe(`a body of ${String(RUNS_PER_BODY)} orders, acknowledged`, () => {
  let collector: RunningCollector;
  let data: string;
  let number = 0;
  let made: string[] = [];

  /** Bodies are made in advance, so that making them is not measured. */
  function nextBody(): string {
    if (made.length === 0) {
      made = Array.from({ length: 200 }, () =>
        otlpJson(
          Array.from({ length: RUNS_PER_BODY }, () =>
            happyOrder.tell(`bench-${String((number += 1))}`),
          ).flatMap(({ spans }) => spans),
        ),
      );
    }
    return made.pop() ?? '';
  }

  async function send(): Promise<void> {
    const response = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: nextBody(),
    });
    if (response.status !== 200) throw new Error(`answered ${String(response.status)}`);
    await response.arrayBuffer();
  }

  const around = {
    time: 3_000,
    async setup() {
      data = await mkdtemp(join(tmpdir(), 'throughline-bench-'));
      collector = await startCollector(data);
      made = [];
      nextBody();
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
