import { candidateIntake } from '@throughline/fixtures/scenarios/candidate-intake';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { instantFromMs } from '@throughline/model/time';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '../support/browser.js';
import { until } from '../support/until.js';
import { openGallery, type Gallery } from './gallery.js';
import { settled, visit } from './visit.js';

const AGO_MS = 20_000;
const agoNs = () => instantFromMs(Date.now() - AGO_MS);

// Without any Chromium there is nothing to look with; test/support/browser.ts says so loudly.
describe.skipIf(!hasBrowser)('a page that is open while things happen', () => {
  let browser: Browser;
  let gallery: Gallery;

  beforeAll(async () => {
    [browser, gallery] = await Promise.all([launchBrowser(), openGallery()]);
  });
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
  });

  it('changes from waiting for the first span to the picture by itself', async () => {
    const { page, close } = await visit(browser);
    await page.goto(gallery.url);
    await page.getByRole('heading', { name: 'Waiting for the first span' }).waitFor();
    await gallery.send(happyOrder.tell('first', agoNs()).spans);
    await page.getByRole('heading', { name: 'Workflows, last 24 hours' }).waitFor();
    await close();
  });

  it('draws the map as it grows', async () => {
    const { page, close } = await visit(browser);
    await page.goto(`${gallery.url}/map`);
    await page.getByRole('button', { name: /^shop .*Service/ }).waitFor();
    await close();
  });

  it('stands still while it is paused, and catches up afterwards', async () => {
    const { page, close } = await visit(browser);
    await page.goto(`${gallery.url}/runs`);
    await settled(page);
    await page.getByRole('button', { name: /^Live/ }).waitFor();
    await page.keyboard.press('.');
    await page.getByRole('button', { name: /^Paused/ }).waitFor();
    const known = (await gallery.runs('limit=50')).length;
    const rows = await page.getByRole('row').count();
    await gallery.send(candidateIntake.tell('second', agoNs()).spans);
    await until(
      'the collector shows the new run',
      async () => (await gallery.runs('limit=50')).length > known,
    );
    const fresh = page.getByRole('button', { name: /new run/ });
    // Twice the period of live deltas: an update that was to come would be here by now.
    await page.waitForTimeout(2_000);
    expect([await fresh.count(), await page.getByRole('row').count()]).toEqual([0, rows]);
    await page.keyboard.press('.');
    await fresh.click();
    await page
      .getByRole('row', { name: /candidate/ })
      .first()
      .waitFor();
    await close();
  });

  it('says since when it stands still once the collector is gone, and tries again', async () => {
    const { page, close } = await visit(browser);
    await page.goto(`${gallery.url}/runs`);
    await settled(page);
    await page.getByRole('button', { name: /^Live/ }).waitFor();
    await gallery.collector.stop('SIGKILL');
    await page.getByText(/Live updates stopped at/).waitFor();
    await page.getByText(/Next attempt in \d+ s|Trying to reach/).waitFor();
    await page.getByRole('row').nth(1).waitFor();
    await close();
  });
});
