import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { instantFromMs } from '@throughline/model/time';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '../support/browser.js';
import { fakeBroker, rabbitAnswers, type FakeBroker } from '../support/fake-broker.js';
import { until } from '../support/until.js';
import { openGallery, type Gallery } from './gallery.js';
import { axeFindings, settled, visit, type Visit } from './visit.js';

const HEALTHY = 28;
const STUCK = 6;
const ASYNCAPI = `asyncapi: 3.0.0
info: { title: parcels, version: 1.0.0 }
channels:
  scanned: { address: parcels.scanned, messages: { Scanned: { name: parcel.scanned } } }
operations:
  take: { action: receive, channel: { $ref: '#/channels/scanned' } }
  odd: { action: shout, channel: { $ref: '#/channels/scanned' } }
`;

function configOf(brokerUrl: string): string {
  return `
flows:
  - asyncapi: ./parcels.yaml
alerts:
  receivers: [{ name: log, stdout: true }]
  routes: [{ match: {}, receiver: log }]
  no_data: [{ service: nobody, for: 1s }]
brokers:
  - { name: events, rabbitmq: "${brokerUrl}", every: 1s }
`;
}

/** Paid and reserved; or paid in a new version of the message, and then nothing. */
function tell(line: Storyline, at: number, isStuck: boolean): void {
  const placed = line.send({ type: 'order.placed', to: 'orders', by: 'shop', at });
  const inside = line.take(placed, { by: 'payments', at: at + 100, takes: 50 });
  const version = isStuck ? '2' : '1';
  const paying = { by: 'payments', at: at + 120, inside, version };
  const paid = line.send({ ...paying, type: 'payment.captured', to: 'orders' });
  if (isStuck) return;
  const taken = line.take(paid, { by: 'inventory', at: at + 500, takes: 100 });
  const reserving = { by: 'inventory', at: at + 550, inside: taken };
  line.send({ ...reserving, type: 'stock.reserved', to: 'orders' });
}

// One visit: each chapter begins where the one before left the page.
describe.skipIf(!hasBrowser)('somebody who keeps the promises', () => {
  let folder: string;
  let broker: FakeBroker;
  let browser: Browser;
  let gallery: Gallery;
  let visitor: Visit;
  let taking: Locator;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-promises-'));
    broker = await fakeBroker(
      rabbitAnswers([{ name: 'payments.q', consumers: 0, messages_ready: 37 }]),
    );
    writeFileSync(join(folder, 'parcels.yaml'), ASYNCAPI);
    const config = join(folder, 'throughline.yaml');
    writeFileSync(config, configOf(broker.url));
    [browser, gallery] = await Promise.all([launchBrowser(), openGallery({ config })]);
    const startNs = instantFromMs(Date.now() - 14 * 60_000);
    for (let number = 0; number < HEALTHY + STUCK; number += 1) {
      const line = new Storyline({
        seed: `run ${String(number)}`,
        startNs,
        correlation: `ord-${String(number)}`,
        system: 'rabbitmq',
      });
      tell(line, number * 1_000, number >= HEALTHY);
      await gallery.send(line.spans);
    }
    await until('the runs are stalled', async () => {
      const [stalled] = await gallery.findings('rule=stalled-run&state=open');
      return stalled?.runsAffected === STUCK;
    });
    visitor = await visit(browser);
    taking = visitor.page
      .getByRole('region', { name: 'Learned' })
      .getByRole('listitem')
      .filter({ hasText: 'After payment.captured, inventory takes it' });
  });
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
    await broker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sees what runs taught, from how many of them, and by when it is awaited', async () => {
    const { page } = visitor;
    await page.goto(`${gallery.url}/workflows`);
    await page
      .getByRole('region', { name: /^order\.placed/ })
      .getByRole('button', { name: 'Variants and expectations' })
      .click();
    await taking.getByText('Expected').waitFor();
    await taking.getByText(/100 % of 28 samples in 28 runs .* overdue after 5 s/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('sees what differs between the runs that wait and those that passed', async () => {
    const { page } = visitor;
    const [stalled] = await gallery.findings('rule=stalled-run&state=open');
    await page.goto(`${gallery.url}/findings/${stalled?.id ?? ''}`);
    const differs = page.getByRole('region', { name: 'What differs' });
    await differs.getByText('version of payment.captured').waitFor();
    const cells = differs.getByRole('row').filter({ hasText: 'version of' }).getByRole('cell');
    await cells
      .first()
      .getByText(`${String(STUCK)} of ${String(STUCK)}`)
      .waitFor();
    await cells
      .nth(1)
      .getByText(`0 of ${String(HEALTHY)}`)
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.goBack();
    await page
      .getByRole('region', { name: /^order\.placed/ })
      .getByRole('button', { name: 'Variants and expectations' })
      .click();
  });

  it('is told what it means, and nothing happens before it is confirmed', async () => {
    const { page } = visitor;
    await taking.getByRole('button', { name: /^Correct/ }).click();
    await page.getByRole('menuitem', { name: 'It need not follow' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What was overdue is closed').waitFor();
    expect(await dialog.getByRole('button', { name: 'Expect no longer' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await gallery.findings('rule=stalled-run&state=open')).toHaveLength(1);
  });

  it('says that a reaction need not follow, and sees that said, by whom, and the finding gone', async () => {
    const { page } = visitor;
    await taking.getByRole('button', { name: /^Correct/ }).click();
    await page.getByRole('menuitem', { name: 'It need not follow' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who decides this').fill('ada');
    await dialog.getByLabel('Why').fill('told by mail');
    await dialog.getByRole('button', { name: 'Expect no longer' }).click();
    await page.getByRole('status').getByText('It is not expected any more').waitFor();
    await taking.getByText('Not expected').waitFor();
    await taking.getByText(/ada, .* ago: told by mail/).waitFor();
    expect(await gallery.findings('rule=stalled-run&state=open')).toEqual([]);
  });

  it('sets a deadline instead, and need not say again who decides', async () => {
    const { page } = visitor;
    await taking.getByRole('button', { name: /^Correct/ }).click();
    await page.getByRole('menuitem', { name: 'Set the deadline' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Deadline').fill('2m');
    await dialog.getByRole('button', { name: 'Set the deadline' }).click();
    await taking.getByText(/overdue after 2 min/).waitFor();
    await taking.getByText('The deadline is 2 min.').waitFor();
    expect(await gallery.findings('rule=stalled-run&state=open')).toHaveLength(1);
  });

  it('forgets all of it, and takes that back', async () => {
    const { page } = visitor;
    const learned = page.getByRole('region', { name: 'Learned' });
    await learned.getByRole('button', { name: 'Forget all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await learned.getByText('What runs did before was forgotten.').waitFor();
    await learned.getByText(/Nothing since then/).waitFor();
    expect(await taking.count()).toBe(0);
    await learned.getByRole('button', { name: 'Remember again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
    await taking.getByText(/overdue after 2 min/).waitFor();
  });

  it('sees what was understood of declared documents, and what was not', async () => {
    const { page } = visitor;
    const documents = page.getByRole('region', { name: /^Declared documents/ });
    await documents.getByText('1 part not understood').waitFor();
    await documents.getByText(/"odd" has no action send or receive/).waitFor();
    await documents.getByText('What was understood (1)').click();
    await documents.getByText(/parcels takes .*from parcels\.scanned/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('tries a route: how often it would have fired, and for what', async () => {
    const { page } = visitor;
    await page.goto(`${gallery.url}/alerts`);
    await settled(page);
    const tried = page.getByRole('region', { name: 'Try a route' });
    await tried.getByLabel('Rule').selectOption('stalled-run');
    await tried.getByText(/would have fired (once|\d times) in 24 h/).waitFor();
    const firings = tried.getByRole('group', { name: 'What would have fired' });
    await firings
      .getByText(/inventory has not read it/)
      .first()
      .waitFor();
    expect(page.url()).toContain('rule=stalled-run');
    await tried.getByLabel('Rule').selectOption('event-cycle');
    await tried.getByText('No notice would have gone out').waitFor();
    await page.goBack();
    await tried.getByText(/would have fired (once|\d times) in 24 h/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('sees whether telling works, and who has fallen silent', async () => {
    const { page } = visitor;
    const telling = page.getByRole('region', { name: 'Telling' });
    await telling.getByText('Findings are evaluated').waitFor();
    await telling.getByText('No data from service nobody').waitFor();
    await telling.getByText(/No heartbeat is configured/).waitFor();
  });

  it('sees what the broker counts, and that no data is no emptiness', async () => {
    const { page } = visitor;
    await page.goto(`${gallery.url}/destinations`);
    const row = page.getByRole('row').filter({ hasText: 'payments.q' });
    await row.getByText(/by the broker 37, no consumer/).waitFor();
    broker.behave = (response) => response.writeHead(503).end();
    await row.getByText('No data').waitFor();
    await row.getByText(/by the broker 37, no consumer/).waitFor();
    expect(visitor.faults).toEqual([]);
  });
});
