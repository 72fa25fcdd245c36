import { gunzipSync } from 'node:zlib';
import type { StatsView } from '@throughline/model/api/catalog';
import type { Page } from '@throughline/model/api/primitives';
import type { RunDetail, RunItem, StepView } from '@throughline/model/api/runs';
import { parseInstant } from '@throughline/model/time';
import { openFactStore } from '../../collector/src/store/sqlite/open.js';
import { manualClock } from '../support/manual-clock.js';
import type { History, Witnessed } from './history.js';
import { witnessed, witnessedIn } from './orders.js';

/**
 * Writes down what lies in the data folder of a collector that has ended. The store must open without a word:
 * a fault that needs repair is no small matter.
 */
export async function witnessFolder(history: History, folder: string): Promise<void> {
  history.append({ op: 'stored', spans: await spansInFolder(folder) });
}

export async function spansInFolder(
  folder: string,
  onWarning = (text: string): void => {
    throw new Error(`The store needed repair: ${text}`);
  },
): Promise<readonly Witnessed[]> {
  const store = await openFactStore({ folder, clock: manualClock(), onWarning });
  try {
    const spans: Witnessed[] = [];
    for await (const { body, contentEncoding } of store.read(0)) {
      const text = contentEncoding === 'gzip' ? gunzipSync(body) : Buffer.from(body);
      spans.push(...witnessedIn(text.toString()));
    }
    return spans;
  } finally {
    await store.close();
  }
}

/** Writes down what a running collector shows, run by run, and what it says became of every span. */
export async function witnessApi(history: History, url: string): Promise<void> {
  history.append({ op: 'shown', runs: await runsShown(url) });
  await witnessAccounts(history, url);
}

/** Writes down what a running collector says became of every span: cheap at any number of runs. */
export async function witnessAccounts(history: History, url: string): Promise<void> {
  const { total } = await getJson<StatsView>(`${url}/api/v1/stats`);
  history.append({
    op: 'accounted',
    accounts: { ...total, rejected: sum(total.rejected), dropped: sum(total.dropped) },
  });
}

async function runsShown(url: string): Promise<(readonly Witnessed[])[]> {
  const runs: (readonly Witnessed[])[] = [];
  let cursor = '';
  do {
    const page = await getJson<Page<RunItem>>(`${url}/api/v1/runs?limit=500${cursor}`);
    for (const { id } of page.items) runs.push(await spansOfRun(url, id));
    cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor !== '');
  return runs;
}

async function spansOfRun(url: string, id: string): Promise<readonly Witnessed[]> {
  const spans: Witnessed[] = [];
  let cursor = '';
  do {
    const run = await getJson<RunDetail>(`${url}/api/v1/runs/${id}${cursor}`);
    spans.push(...run.steps.map(witnessedStep));
    cursor = run.stepsNext === null ? '' : `?cursor=${encodeURIComponent(run.stepsNext)}`;
  } while (cursor !== '');
  return spans;
}

function witnessedStep(step: StepView): Witnessed {
  const shownNs = parseInstant(step.startedAt) ?? 0n;
  const startNs = step.rawStartedAt === null ? shownNs : (parseInstant(step.rawStartedAt) ?? 0n);
  const endNs = (parseInstant(step.endedAt ?? '') ?? 0n) - (shownNs - startNs);
  return witnessed({
    traceId: step.traceId ?? '',
    spanId: step.spanIds[0] ?? '',
    name: step.name,
    service: step.service,
    startNs,
    endNs,
    run: String(step.attributes['throughline.key.order']),
    note: String(step.attributes['note']),
  });
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200)
    throw new Error(`${url} answered ${String(response.status)}: ${text}`);
  return JSON.parse(text) as T;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
