import { DEMO_CONFIG } from '@throughline/fixtures/demo/declared-flows';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../collector/src/config/load-config.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-flows-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('the configuration of the demo is one that the collector takes, word for word', () => {
  const config = join(folder, 'throughline.yaml');
  writeFileSync(config, DEMO_CONFIG);
  const { policy } = loadConfig({ flags: { config }, env: {}, cwd: folder });
  const [order] = policy.flows;
  expect(order?.workflow).toBe('order');
  expect(order?.expects.map(({ after, by }) => `${after} by ${by ?? ''}`)).toEqual([
    'order.placed by payment',
    'payment.captured by inventory',
    'stock.reserved by shipping',
  ]);
});
