import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import type { AlertView } from '@throughline/model/api/alerts';
import type { Page } from '@throughline/model/api/primitives';
import { openInbox } from '../support/inbox.js';
import { startCollector, type RunningCollector } from '../support/start-collector.js';
import { until } from '../support/until.js';
import { returnSpan } from './returns.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function configFor(inboxUrl: string): string {
  return `
flows:
  - workflow: returns
    starts: { event: return.asked }
    expect: [ { after: return.asked, event: return.approved, by: returns-desk, within: 60s } ]
no_consumer_expected: [ return.* ]
alerts:
  allow_private: [ 127.0.0.1 ]
  receivers: [ { name: team, webhook: "${inboxUrl}/hook", secret: quite-secret } ]
  routes: [ { match: { rule: stalled-run }, receiver: team } ]
`;
}

async function tell(collector: RunningCollector, event: 'return.asked' | 'return.approved') {
  // Five minutes ago: what is overdue by then is found at once.
  const startNs = BigInt(Date.now() - 300_000) * 1_000_000n;
  const response = await fetch(`${collector.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: otlpJson([returnSpan(event, { number: 1, startNs })]),
  });
  expect(response.status).toBe(200);
}

it(
  'a collector that is killed while it sends, and again while it resolves, loses neither notice',
  { timeout: 90_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-alerts-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const inbox = await openInbox();
    closing.push(() => inbox.close());
    const config = join(folder, 'throughline.yaml');
    writeFileSync(config, configFor(inbox.url));
    const start = async (): Promise<RunningCollector> => {
      const collector = await startCollector(join(folder, 'data'), ['--config', config]);
      closing.push(() => collector.stop('SIGKILL'));
      return collector;
    };
    const heard = (status: string) => inbox.letters.filter(({ body }) => body['status'] === status);

    // Sent, and never marked as received: the receiver takes it and does not answer.
    inbox.behave(() => undefined);
    const first = await start();
    await tell(first, 'return.asked');
    await until('the alert arrived', () => heard('firing').length === 1);
    await first.stop('SIGKILL');

    inbox.behave({ status: 200 });
    const second = await start();
    await until('it came again', () => heard('firing').length === 2);
    await until('its receipt is durable', async () => {
      const page = (await (await fetch(`${second.url}/api/v1/alerts`)).json()) as Page<AlertView>;
      return page.items[0]?.waiting.length === 0;
    });
    await second.stop('SIGKILL');

    inbox.behave(() => undefined);
    const third = await start();
    await tell(third, 'return.approved');
    await until('its end arrived', () => heard('resolved').length === 1);
    await third.stop('SIGKILL');

    inbox.behave({ status: 200 });
    const fourth = await start();
    await until('its end came again', () => heard('resolved').length === 2);
    await until('nothing waits', async () => {
      const answer = await fetch(`${fourth.url}/api/v1/alerts/history`);
      const { items } = (await answer.json()) as Page<AlertView>;
      return items.length === 1 && items[0]?.state === 'resolved' && items[0].waiting.length === 0;
    });
    expect(heard('firing').map(({ headers }) => headers['webhook-id'])).toEqual([
      heard('firing')[0]?.headers['webhook-id'],
      heard('firing')[0]?.headers['webhook-id'],
    ]);
    expect(new Set(inbox.letters.map(({ body }) => body['dedupKey'])).size).toBe(1);
    expect(inbox.letters).toHaveLength(4);
  },
);
