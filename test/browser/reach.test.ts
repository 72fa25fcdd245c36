import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { instantFromMs } from '@throughline/model/time';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '../support/browser.js';
import { openFullGallery, type Gallery } from './gallery.js';
import { settled, visit } from './visit.js';

const NARROW = { viewport: { width: 320, height: 640 } };
const PATHS = [
  '',
  'map',
  'runs',
  'findings',
  'dead-letters',
  'workflows',
  'services',
  'destinations',
  'setup',
];

// Without any Chromium there is nothing to look with; test/support/browser.ts says so loudly.
describe.skipIf(!hasBrowser)('the pages', () => {
  let browser: Browser;
  let gallery: Gallery;

  beforeAll(async () => {
    [browser, gallery] = await Promise.all([launchBrowser(), openFullGallery()]);
  });
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
  });

  it('fit a screen of 320 pixels without scrolling sideways; the map is a list there', async () => {
    const { page, close } = await visit(browser, NARROW);
    const [run] = await gallery.runs('key=order:8124');
    const [finding] = await gallery.findings('rule=stalled-run');
    const tooWide: string[] = [];
    for (const path of [...PATHS, `runs/${run?.id ?? ''}`, `findings/${finding?.id ?? ''}`]) {
      await page.goto(`${gallery.url}/${path}`);
      await settled(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) tooWide.push(`${path}: ${String(width)}`);
      if (path === 'map') await page.getByRole('group', { name: 'Places' }).waitFor();
    }
    expect(tooWide).toEqual([]);
    await close();
  });

  it('are walked with the keyboard alone', async () => {
    const { page, close } = await visit(browser);
    await page.goto(gallery.url);
    await settled(page);
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.waitForURL(/\/runs/);
    await settled(page);
    await page.getByRole('row').nth(2).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const name = await page.locator('tr[data-at] a').first().textContent();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: name ?? '' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForURL(/\/map/);
    const shop = page.getByRole('button', { name: /^shop .*Service/ });
    await shop.focus();
    await page.keyboard.press('ArrowRight');
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    expect(focused).toMatch(/Destination/);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await close();
  });

  it('tell in every chosen zone when something happened, and remember the choice', async () => {
    const { page, close } = await visit(browser, { timezoneId: 'Asia/Kolkata' });
    const [run] = await gallery.runs('key=order:8124');
    await page.goto(`${gallery.url}/runs/${run?.id ?? ''}`);
    const started = page.locator('header time').first();
    const local = await started.textContent();
    await page.getByRole('radio', { name: 'UTC time' }).click();
    const utc = await started.textContent();
    const hours = (text: string | null) => Number(/(\d+):(\d+)/.exec(text ?? '')?.[1]);
    expect((hours(local) - hours(utc) + 24) % 24).toBeOneOf([5, 6]);
    await page.reload();
    await expect.poll(() => started.textContent()).toBe(utc);
    await close();
  });

  it('keep every node of the map where it was when another joins and over a reload', async () => {
    const { page, close } = await visit(browser);
    await page.goto(`${gallery.url}/map`);
    const node = page.locator('[data-node="service:shop"]');
    await node.waitFor();
    const places = () =>
      page
        .locator('[data-node]')
        .evaluateAll((nodes) =>
          nodes.map((one) => [one.getAttribute('data-node'), one.getAttribute('transform')]),
        );
    const before = await places();
    const spans = happyOrder.tell('joins', instantFromMs(Date.now() - 60_000)).spans;
    await gallery.send(
      spans.map((span) => ({
        ...span,
        resource: {
          ...span.resource,
          'service.name': `new-${String(span.resource['service.name'])}`,
        },
      })),
    );
    await page.locator('[data-node="service:new-shop"]').waitFor();
    expect(await places()).toEqual(expect.arrayContaining(before));
    await page.reload();
    await node.waitFor();
    expect(await places()).toEqual(expect.arrayContaining(before));
    await close();
  });
});
