import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Storyline } from '@throughline/fixtures/build/storyline';
import type { ServiceView } from '@throughline/model/api/catalog';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../collector/src/limits.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

const dataFolder = mkdtempSync(join(tmpdir(), 'throughline-dropped-'));
let collector: OpenCollector | undefined;
afterEach(async () => {
  await collector?.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

const startNs = 1_767_603_600_000_000_000n as UnixNs;

function story(): Storyline {
  return new Storyline({ seed: 'dropped', startNs, correlation: null });
}

async function seen(from: OpenCollector): Promise<{ services: unknown; metrics: string[] }> {
  const { body } = await from.get('/services');
  const { items } = body as { items: ServiceView[] };
  const text = await (await fetch(`${from.url}/metrics`)).text();
  return {
    services: Object.fromEntries(items.map((item) => [item.name, item.droppedSpanCount])),
    metrics: text.split('\n').filter((line) => /^throughline_client_dropped_spans/.test(line)),
  };
}

it('what services dropped is counted once, by service, and is still known after a restart', async () => {
  const line = story();
  const dropped = (count: unknown): Record<string, never> => ({
    'throughline.dropped_spans': count as never,
  });
  line.step({ by: 'shop', name: 'a', at: 0, attributes: dropped(400) });
  line.step({ by: 'shop', name: 'b', at: 1, attributes: dropped(2) });
  line.step({ by: 'stock', name: 'c', at: 2, attributes: dropped('many') });
  line.step({ by: 'stock', name: 'd', at: 3, attributes: dropped(-7) });
  const told = {
    services: { shop: 402, stock: 0 },
    metrics: ['throughline_client_dropped_spans_total{service="shop"} 402'],
  };
  collector = await openCollector({ dataFolder });
  await collector.send(line.spans);
  await collector.send(line.spans);
  expect(await seen(collector)).toEqual(told);
  await collector.close();
  collector = await openCollector({ dataFolder });
  expect(await seen(collector)).toEqual(told);
});

it('so many services are told apart, and the others counted together', async () => {
  const line = story();
  const count = LIMITS.droppingServicesMax + 3;
  for (let index = 0; index < count; index++) {
    const attributes = { 'throughline.dropped_spans': 1 };
    line.step({ by: `service-${String(index)}`, name: 'a', at: index, attributes });
  }
  collector = await openCollector();
  await collector.send(line.spans);
  const { metrics } = await seen(collector);
  expect(metrics).toHaveLength(LIMITS.droppingServicesMax + 1);
  expect(metrics).toContain('throughline_client_dropped_spans_total{service="(other services)"} 3');
});
