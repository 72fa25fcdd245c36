import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storyline } from '@throughline/fixtures/build/storyline';
import type { WorkflowDetail } from '@throughline/model/api/catalog';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';
import { captured, reserved, SECOND } from './acts.js';

let dataFolder: string;
let collector: OpenCollector | undefined;

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'throughline-learned-'));
});

afterEach(async () => {
  await collector?.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function stalledSentence(): Promise<string | undefined> {
  const { body } = (await collector?.get('/findings?rule=stalled-run')) ?? {};
  const [finding] = (body as { items: { sentence: string }[] }).items;
  return finding?.sentence;
}

test('orders that nobody declared a flow of stall visibly, and a restart learns the same again', async () => {
  collector = await openCollector({ dataFolder });
  const lines = Array.from({ length: 30 }, (_, number) => {
    const line = new Storyline({
      seed: `run ${String(number)}`,
      startNs: STORY_START_NS,
      correlation: `ord-${String(number)}`,
      system: 'rabbitmq',
    });
    if (number < 28) reserved(line, number * SECOND);
    else captured(line, number * SECOND);
    return line;
  });
  await collector.send(lines.flatMap((line) => line.spans));
  await until('a stalled run is found', async () => (await stalledSentence()) !== undefined);
  const sentence = await stalledSentence();
  expect(sentence).toContain('after payment.captured; inventory has not read it');
  const { body } = await collector.get('/workflows/order.placed');
  const { learned, promises } = body as WorkflowDetail;
  const reaction = learned.find(
    ({ what, by }) => what === 'takes payment.captured' && by === 'inventory',
  );
  expect(reaction).toMatchObject({
    state: 'learned',
    share: 1,
    samples: 28,
    runs: 28,
    deadlineMs: 5_000,
  });
  expect(reaction?.p99Ms).toBeGreaterThan(0);
  expect(promises).toContainEqual(
    expect.objectContaining({ by: 'inventory', origin: 'learned', sampleCount: 28 }),
  );

  await collector.close();
  collector = await openCollector({ dataFolder });
  const again = await collector.get('/workflows/order.placed');
  expect((again.body as WorkflowDetail).learned).toEqual(learned);
  expect(await stalledSentence()).toContain('after payment.captured; inventory has not read it');
});
