import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '../support/browser.js';
import { openFullGallery, openGallery, type Gallery } from './gallery.js';
import { axeFindings, settled, visit } from './visit.js';

const shots = fileURLToPath(new URL('../../.screenshots/', import.meta.url));
const THEMES = ['light', 'dark'] as const;

/** Pages by name. `{stalled}` and the like are filled in with what the gallery holds. */
const PAGES: Readonly<Record<string, string>> = {
  overview: '',
  map: 'map',
  'map-errors': 'map?lens=errors&sel=service:inventory',
  'map-list': 'map?as=list',
  runs: 'runs',
  'runs-filtered': 'runs?status=active&finding=stalled-run',
  'runs-none': 'runs?status=cancelled&workflow=nowhere',
  'runs-wrong': 'runs?q=colour:red',
  findings: 'findings',
  'findings-all': 'findings?state=all&group=severity',
  alerts: 'alerts',
  'alerts-tried': 'alerts?rule=stalled-run&for=1m&window=7d',
  'dead-letters': 'dead-letters',
  workflows: 'workflows',
  services: 'services',
  destinations: 'destinations',
  setup: 'setup',
  'unknown-run': 'runs/r_0000000000000000000000',
  'unknown-page': 'no/such/page',
  'unknown-key': 'k/nobody-has-this',
};
const FULL_PAGES: Readonly<Record<string, string>> = {
  'run-stalled': 'runs/{stalled}',
  'run-stalled-step': 'runs/{stalled}?sel={step}',
  'run-timeline': 'runs/{stalled}?view=timeline',
  'run-events': 'runs/{stalled}?view=events',
  'run-orchestrated': 'runs/{orchestrated}?inner=shown',
  'run-hybrid': 'runs/{hybrid}',
  'finding-stalled': 'findings/{finding}',
};

async function placesOf(gallery: Gallery): Promise<Record<string, string>> {
  const [stalled] = await gallery.runs('key=order:8124');
  const [orchestrated] = await gallery.runs('pattern=orchestrated');
  const [hybrid] = await gallery.runs('pattern=hybrid');
  const [finding] = await gallery.findings('rule=stalled-run&state=open');
  const detail = (await (
    await fetch(`${gallery.url}/api/v1/runs/${stalled?.id ?? ''}`)
  ).json()) as {
    steps: { id: string; role: string }[];
  };
  return {
    stalled: stalled?.id ?? '',
    step: detail.steps.find(({ role }) => role === 'take')?.id ?? '',
    orchestrated: orchestrated?.id ?? '',
    hybrid: hybrid?.id ?? '',
    finding: finding?.id ?? '',
  };
}

// Without any Chromium there is nothing to look with; test/support/browser.ts says so loudly.
describe.skipIf(!hasBrowser)('every page', () => {
  let browser: Browser;
  let full: Gallery;
  let empty: Gallery;
  let places: Record<string, string>;

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    [browser, full, empty] = await Promise.all([launchBrowser(), openFullGallery(), openGallery()]);
    places = await placesOf(full);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([full?.close(), empty?.close()]);
  });

  const stands = async (
    gallery: Gallery,
    { name, path, theme }: { name: string; path: string; theme: 'light' | 'dark' },
  ) => {
    const { page, faults, close } = await visit(browser, {
      colorScheme: theme,
      reducedMotion: 'reduce',
    });
    const place = path.replace(/\{(\w+)\}/g, (_, key: string) => places[key] ?? key);
    await page.goto(`${gallery.url}/${place}`);
    await settled(page);
    await page.screenshot({ path: `${shots}${name}-${theme}.png` });
    const axe = await axeFindings(page);
    await close();
    // The browser itself logs an answer of 400 or 404 as an error: those pages are about just that.
    const expected = /Failed to load resource: the server responded with a status of (400|404|422)/;
    expect({ axe, faults: faults.filter((text) => !expected.test(text)) }).toEqual({
      axe: [],
      faults: [],
    });
  };

  for (const theme of THEMES) {
    it.each(Object.entries({ ...PAGES, ...FULL_PAGES }))(
      `is accessible, without a fault, and within the policy in ${theme}: %s`,
      (name, path) => stands(full, { name: `full-${name}`, path, theme }),
    );
    it.each(Object.entries(PAGES))(
      `says in ${theme} what to do while nothing has been received: %s`,
      (name, path) => stands(empty, { name: `empty-${name}`, path, theme }),
    );
  }
});
