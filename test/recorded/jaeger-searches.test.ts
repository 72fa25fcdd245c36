import { readdirSync } from 'node:fs';
import type { Page } from '@throughline/model/api/primitives';
import type { RunItem, RunDetail } from '@throughline/model/api/runs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { recorded, truth } from './recording.js';

/** Durations are in nanoseconds. */
interface Search {
  readonly Caption: string;
  readonly Query: {
    readonly ServiceName: string;
    readonly OperationName: string;
    readonly Tags: Readonly<Record<string, string | number | boolean>> | null;
    readonly DurationMin: number;
    readonly DurationMax: number;
  };
  readonly ExpectedFixtures: readonly string[];
}

const TRACES = 'jaeger-contract/traces/';
const DAY = { from: '2017-01-26T00:00:00Z', to: '2017-01-27T00:00:00Z' };

let collector: OpenCollector;
const traceIdOf = new Map<string, string>();

beforeAll(async () => {
  collector = await openCollector();
  const folder = new URL(`../../fixtures/recorded/${TRACES}`, import.meta.url);
  for (const file of readdirSync(folder)) {
    const body = recorded(TRACES + file);
    const response = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(200);
    const traceId = /"traceId":\s*"([0-9a-fA-F]+)"/.exec(body)?.[1]?.toLowerCase() ?? '';
    traceIdOf.set(file.replace('.json', ''), traceId);
  }
});
afterAll(() => collector.close());

const searches = truth<Search[]>('jaeger-contract/queries.json');

test.each(searches.map((search) => [search.Caption, search] as const))(
  'the search "%s" of the Jaeger suite finds its fixture and nothing else',
  async (_, { Query: asked, ExpectedFixtures: fixtures }) => {
    const parameters = new URLSearchParams({ q: queryOf(asked), ...DAY });
    const { body } = await collector.get(`/runs?${parameters.toString()}`);
    const found = await Promise.all(
      (body as Page<RunItem>).items.map(async ({ id }) => {
        const detail = await collector.get(`/runs/${id}`);
        return (detail.body as RunDetail).steps[0]?.traceId;
      }),
    );
    expect(found).toEqual(fixtures.map((name) => traceIdOf.get(name)));
  },
);

function queryOf(query: Search['Query']): string {
  const { ServiceName, OperationName, Tags, DurationMin, DurationMax } = query;
  const terms = [`service:${ServiceName}`];
  if (OperationName !== '') terms.push(`name:${OperationName}`);
  for (const [name, value] of Object.entries(Tags ?? {}))
    terms.push(`attr.${name}=${String(value)}`);
  if (DurationMin > 0) terms.push(`duration>=${msText(DurationMin)}`);
  if (DurationMax > 0) terms.push(`duration<=${msText(DurationMax)}`);
  return terms.join(' ');
}

function msText(ns: number): string {
  return `${String(ns / 1e6)}ms`;
}
