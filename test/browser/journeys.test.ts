import { deadLetters } from '@throughline/fixtures/scenarios/dead-letters';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { stalledAfterPayment } from '@throughline/fixtures/scenarios/stalled-after-payment';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '../support/browser.js';
import { openFullGallery, type Gallery } from './gallery.js';
import { settled, visit, type Visit } from './visit.js';

// Without any Chromium there is nothing to look with; test/support/browser.ts says so loudly.
describe.skipIf(!hasBrowser)('somebody who was woken', () => {
  let browser: Browser;
  let gallery: Gallery;
  let visitor: Visit;

  beforeAll(async () => {
    [browser, gallery] = await Promise.all([
      launchBrowser(),
      openFullGallery([happyOrder, stalledAfterPayment, deadLetters]),
    ]);
    visitor = await visit(browser);
  });
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
  });

  it('finds the stalled order and its reason within ten seconds and two clicks', async () => {
    const { page } = visitor;
    const startedAt = performance.now();
    await page.goto(gallery.url);
    await page
      .getByRole('link', { name: /8124 stopped/ })
      .first()
      .click();
    const sentence = page.getByText(/8124 stopped .* after payment\.captured.*inventory/).first();
    await sentence.waitFor();
    if (!page.url().includes('/runs/'))
      await page.getByRole('link', { name: 'Open the run' }).click();
    await page.getByRole('heading', { name: 'order 8124' }).waitFor();
    await sentence.waitFor();
    await page.getByRole('button', { name: /waiting here/ }).waitFor();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('sees what is expected and missing, and opens why', async () => {
    const { page } = visitor;
    await page.getByRole('button', { name: /expected · overdue/ }).click();
    const panel = page.getByRole('complementary');
    await panel.getByText('Expected, not seen').waitFor();
    await panel.getByText(/declared in the configuration/).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('sees it in every view of the run, and in the name of the tab', async () => {
    const { page } = visitor;
    for (const view of ['Timeline', 'Events']) {
      await page.getByRole('radio', { name: view }).click();
      await page.getByText(/expected · overdue since/).waitFor();
    }
    expect(await page.title()).toBe('Stalled · order 8124 · Throughline');
  });

  it('pastes an order number and is at its run', async () => {
    const { page } = visitor;
    await page.goto(gallery.url);
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('8124');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\/r_/);
    await page.getByRole('heading', { name: 'order 8124' }).waitFor();
  });

  it('acknowledges the finding with a note that others read', async () => {
    const { page } = visitor;
    const [finding] = await gallery.findings('rule=dead-letter-backlog&state=open');
    await page.goto(`${gallery.url}/findings/${finding?.id ?? ''}`);
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel(/Note/).fill('Ada: tax ids are being mended');
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Ada: tax ids are being mended').waitFor();
    const acknowledged = await gallery.findings('state=acknowledged');
    expect(acknowledged.map(({ id }) => id)).toEqual([finding?.id]);
  });

  it('copies a link that shows the same to somebody else', async () => {
    const { page } = visitor;
    await page.goto(`${gallery.url}/runs`);
    await settled(page);
    await page.getByRole('button', { name: /Stalled run/ }).click();
    await page.getByRole('button', { name: /^order \d/ }).click();
    await page.waitForURL(
      /finding=stalled-run.*workflow=order|workflow=order.*finding=stalled-run/,
    );
    const rows = await page.getByRole('row').count();
    const other = await visit(browser);
    await other.page.goto(page.url());
    await settled(other.page);
    await other.page
      .getByRole('row')
      .nth(rows - 1)
      .waitFor();
    expect(await other.page.getByRole('row').count()).toBe(rows);
    expect(await other.page.getByRole('textbox', { name: 'Query' }).inputValue()).toBe(
      await page.getByRole('textbox', { name: 'Query' }).inputValue(),
    );
    await other.close();
  });

  it('was told of no fault on the way', () => {
    expect(visitor.faults).toEqual([]);
  });
});
