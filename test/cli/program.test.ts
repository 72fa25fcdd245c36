import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import type { StatsView } from '@throughline/model/api/catalog';
import { startCollector, type RunningCollector } from '../support/start-collector.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function started(data: string, args: readonly string[] = []): Promise<RunningCollector> {
  const collector = await startCollector(data, args);
  closing.push(() => collector.stop('SIGKILL'));
  return collector;
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the program well, soon, and with what was sent kept',
  async (signal) => {
    const data = dataFolder();
    const first = await started(data);
    const { spans } = happyOrder.tell();
    const headers = { 'content-type': 'application/json' };
    const sent = await fetch(`${first.url}/v1/traces`, {
      method: 'POST',
      headers,
      body: otlpJson(spans),
    });
    expect(sent.status).toBe(200);
    const startedMs = performance.now();
    expect(await first.stop(signal)).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(15_000);

    const second = await started(data);
    const stats = (await (await fetch(`${second.url}/api/v1/stats`)).json()) as StatsView;
    expect(stats.total).toMatchObject({ received: spans.length, stored: spans.length });
    expect(stats.received).toBe(0);
  },
);

it('says that it is ready on its first line, once, and nothing else on stdout', async () => {
  const collector = await started(dataFolder());
  await fetch(`${collector.url}/api/v1/runs`);
  await collector.stop();
  expect(collector.said()).toBe(`throughline ready at ${collector.url}\n`);
});

it('exits 1 with a free port when its own is taken', async () => {
  const first = await started(dataFolder());
  const port = new URL(first.url).port;
  await expect(startCollector(dataFolder(), ['--port', port])).rejects.toThrow(
    /Another program listens .* port \d+ is free/,
  );
});

it('an open connection that says nothing does not keep it from ending', async () => {
  const collector = await started(dataFolder());
  const response = await fetch(`${collector.url}/socket.io/?EIO=4&transport=polling`);
  const sid = /"sid":"([^"]+)"/.exec(await response.text())?.[1] ?? '';
  const waiting = fetch(`${collector.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`).catch(
    () => undefined,
  );
  expect(await collector.stop()).toBe(0);
  await waiting;
});

const COMMAND = fileURLToPath(new URL('../../collector/bin/throughline.js', import.meta.url));

it('is a command in a clone, which says so as long as nothing is built', () => {
  const usage = spawnSync(process.execPath, [COMMAND, '--help'], { encoding: 'utf8' });
  expect(usage.stdout).toMatch(/^Usage: throughline /);
  expect(usage.status).toBe(0);

  const unbuilt = dataFolder();
  cpSync(COMMAND, join(unbuilt, 'bin', 'throughline.mjs'));
  const early = spawnSync(process.execPath, [join(unbuilt, 'bin', 'throughline.mjs')], {
    encoding: 'utf8',
  });
  expect(early.stderr).toMatch(/not built yet: run `npm run build`/);
  expect(early.status).toBe(1);
});
