import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetterView, FindingView } from '@throughline/model/api/findings';
import type { DestinationView, StatsView, WorkflowView } from '@throughline/model/api/catalog';
import type { Page, Problem } from '@throughline/model/api/primitives';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { LONE_TRACE, toldCollector, type ToldCollector } from './told-collector.js';

let collector: ToldCollector;
beforeAll(async () => {
  collector = await toldCollector();
});
afterAll(() => collector.close());

async function allRunIds(query: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<RunItem> = await collector.ask(
      `/runs?limit=${String(limit)}&${query}${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

describe('1 · the list of runs', () => {
  it('takes a run whose activity overlaps the window, however little', async () => {
    const [run] = await collector.runs(`key=trace:${LONE_TRACE}`);
    const inside = async (from: string, to: string): Promise<boolean> =>
      (await collector.runs(`from=${from}&to=${to}`)).some(({ id }) => id === run?.id);
    expect(run?.startedAt).toBe('2026-01-05T09:00:00.123456789Z');
    expect(await inside('2026-01-05T09:00:00.128Z', '2026-01-06T00:00:00Z')).toBe(true);
    expect(await inside('2026-01-05T08:00:00Z', '2026-01-05T09:00:00.123456789Z')).toBe(true);
    expect(await inside('2026-01-05T08:00:00Z', '2026-01-05T09:00:00.123456788Z')).toBe(false);
    expect(await inside('2026-01-05T09:00:01Z', '2026-01-06T00:00:00Z')).toBe(false);
  });

  it.each(['', 'sort=startedAt', 'sort=-duration', 'sort=-startedAt', 'status=completed'])(
    'comes in pages that miss nothing and repeat nothing: %s',
    async (query) => {
      const whole = (await collector.runs(`limit=500&${query}`)).map(({ id }) => id);
      expect(await allRunIds(query, 1)).toEqual(whole);
      expect(await allRunIds(query, 2)).toEqual(whole);
      expect(new Set(whole).size).toBe(whole.length);
    },
  );

  it('is in the order that was asked for', async () => {
    const starts = (await collector.runs('sort=startedAt')).map(({ startedAt }) => startedAt);
    expect(starts).toEqual([...starts].sort());
    const last = (await collector.runs('')).map(({ lastActivityAt }) => lastActivityAt);
    expect(last).toEqual([...last].sort().reverse());
  });
});

describe('2 · what is wrong is told as a problem', () => {
  it.each([
    ['/runs?limit=501', 400],
    ['/runs?limit=0', 400],
    ['/runs?limit=ten', 400],
    ['/runs?limit=1.5', 400],
    ['/runs?cursor=nonsense', 400],
    ['/runs?from=yesterday', 400],
    ['/runs?to=1767603600', 400],
    ['/runs?from=2026-01-05T10:00:00Z&to=2026-01-05T09:00:00Z', 400],
    ['/runs?status=stalled', 400],
    ['/runs?pattern=random', 400],
    ['/runs?finding=no-such-rule', 400],
    ['/runs?sort=colour', 400],
    ['/runs?q=status:nope', 400],
    ['/runs/r_nobody', 404],
    ['/runs/r_nobody/export', 404],
    ['/workflows/nobody', 404],
    ['/findings/f_nobody', 404],
    ['/findings?state=lost', 400],
    ['/findings?limit=501', 400],
    ['/destinations?cursor=nonsense', 400],
    ['/map?level=galaxy', 400],
    ['/map?at=then', 400],
    ['/no-such-route', 404],
    ['/runs/x/y/z', 404],
    ['/runs/%E0%A4%A', 400],
  ])('%s → %i', async (path, expected) => {
    const { status, type, body } = await collector.get(path);
    expect(status).toBe(expected);
    expect(type).toContain('application/problem+json');
    const problem = body as Problem;
    expect(problem.status).toBe(expected);
    expect(problem.detail.length).toBeGreaterThan(5);
    expect(problem.remedy).toBeTruthy();
  });

  it('names every parameter that is wrong, and what was probably meant', async () => {
    const { body } = await collector.get('/runs?limit=0&status=complete');
    expect((body as Problem).detail).toMatch(/status: .*Did you mean completed\?.*limit: /);
  });

  it('points at the place in a query', async () => {
    const q = 'status:active workflow>x';
    const { body } = await collector.get(`/runs?q=${encodeURIComponent(q)}`);
    const { at } = body as Problem;
    expect(q.slice(at?.offset, (at?.offset ?? 0) + (at?.length ?? 0))).toBe('>');
  });

  it('refuses a method that the path does not have', async () => {
    const response = await fetch(`${collector.url}/api/v1/runs`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('GET');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('takes a parameter with nothing behind it as not given', async () => {
    const every = await collector.runs('');
    expect(
      await collector.runs('workflow=&status=&pattern=&key=&service=&q=&from=&to=&sort='),
    ).toEqual(every);
  });
});

describe('3 · keys', () => {
  it('finds a run by trace id, in any case, typed or not', async () => {
    for (const key of [`trace:${LONE_TRACE}`, `trace:${LONE_TRACE.toUpperCase()}`, LONE_TRACE]) {
      expect((await collector.runs(`key=${key}`)).length, key).toBe(1);
    }
  });

  it('finds a run by a key of any type, and by its type', async () => {
    const typed = await collector.runs('key=order:8124');
    expect(typed).toHaveLength(1);
    expect(await collector.runs('key=8124')).toEqual(typed);
    expect(await collector.runs('key=parcel:8124')).toEqual([]);
    expect(await collector.runs(`q=${encodeURIComponent('key:order:8124 status:active')}`)).toEqual(
      typed,
    );
    expect(await collector.runs('key=order:8124&key=order:8125')).toEqual([]);
  });
});

describe('4 · one run', () => {
  it('in pages of steps is the run as a whole', async () => {
    const [item] = await collector.runs('key=order:8125');
    const whole = await collector.ask<RunDetail>(`/runs/${item?.id ?? ''}`);
    expect(whole.stepsNext).toBeNull();
    const pages: RunDetail[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&steps_cursor=${next}`;
      const page: RunDetail = await collector.ask(`/runs/${whole.id}?steps_limit=3${cursor}`);
      expect(page.steps.length).toBeLessThanOrEqual(3);
      pages.push(page);
      next = page.stepsNext;
    }
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flatMap(({ steps }) => steps)).toEqual(whole.steps);
    expect(new Set(pages.flatMap(({ edges }) => edges))).toEqual(new Set(whole.edges));
    expect(
      pages
        .flatMap(({ messages }) => messages)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(whole.messages.map(({ id }) => id).sort());
    const wrong = await collector.get(`/runs/${whole.id}?steps_cursor=x`);
    expect(wrong.status).toBe(400);
  });

  it('carries attributes without loss', async () => {
    const [item] = await collector.runs(`key=trace:${LONE_TRACE}`);
    const { steps } = await collector.ask<RunDetail>(`/runs/${item?.id ?? ''}`);
    expect(steps[0]?.attributes).toMatchObject({
      big: '9223372036854775807',
      small: 7,
      list: ['a', 'b'],
      'resource.service.name': 'numbers',
    });
    expect(
      await collector.runs(`q=${encodeURIComponent('attr.big=9223372036854775807')}`),
    ).toHaveLength(1);
    expect(
      await collector.runs(`q=${encodeURIComponent('attr.list=b attr.small>=7')}`),
    ).toHaveLength(1);
    expect(await collector.runs(`q=${encodeURIComponent('attr.small>7')}`)).toHaveLength(0);
  });
});

describe('the query language asks the stored runs', () => {
  it.each([
    ['status:active', 'order:8124', true],
    ['status:active', 'order:8125', false],
    ['event:payment.*', 'order:8125', true],
    ['event:payment', 'order:8125', false],
    ['service:inventory', 'order:8125', true],
    ['service:inventory', 'order:8124', false],
    ['name:"capture card"', 'order:8124', true],
    ['name:capture*', 'order:8124', true],
    ['name:"capture*"', 'order:8124', false],
    ['finding:stalled-run', 'order:8124', true],
    ['finding:stalled-run', 'order:8125', false],
    ['duration>=10ms', 'order:8125', true],
    ['duration>1h', 'order:8125', false],
    ['error:false', 'order:8125', true],
    ['pattern:choreographed workflow:order', 'order:8125', true],
  ])('%s finds %s: %s', async (q, key, expected) => {
    const found = await collector.runs(`q=${encodeURIComponent(q)}`);
    const has = found.some(({ keys }) =>
      keys.some(({ type, value }) => `${type}:${value}` === key),
    );
    expect(has).toBe(expected);
  });
});

describe('11 · the accounting', () => {
  it('holds, since the start and in total', async () => {
    const stats = await collector.ask<StatsView>('/stats');
    for (const tally of [stats, stats.total]) {
      const sum = (reasons: Record<string, number>): number =>
        Object.values(reasons).reduce((total, n) => total + n, 0);
      expect(tally.received).toBeGreaterThan(20);
      expect(tally.received).toBe(
        tally.stored + tally.duplicate + sum(tally.rejected) + sum(tally.dropped),
      );
    }
  });
});

describe('12 · the catalogue', () => {
  it('lists a declared workflow that never ran', async () => {
    const { items } = await collector.ask<Page<WorkflowView>>('/workflows');
    expect(items.find(({ name }) => name === 'returns')).toMatchObject({ declared: true, runs: 0 });
    expect(items.find(({ name }) => name === 'order')?.runs).toBeGreaterThan(2);
  });

  it('says who sends to and takes from a destination', async () => {
    const { items } = await collector.ask<Page<DestinationView>>('/destinations');
    const payments = items.find(({ name }) => name === 'payments');
    expect(payments?.producers).toContain('payment');
    expect(payments?.consumers).toContain('inventory');
    const { items: first, next } =
      await collector.ask<Page<DestinationView>>('/destinations?limit=1');
    expect(first).toHaveLength(1);
    expect(next).not.toBeNull();
  });

  it('counts dead letters as the finding does', async () => {
    const { items } = await collector.ask<Page<DeadLetterView>>('/dead-letters');
    expect(items.length).toBeGreaterThan(0);
    for (const { count, groups } of items) {
      expect(groups.reduce((total, group) => total + group.count, 0)).toBe(count);
    }
    const findings = await collector.ask<Page<FindingView>>('/findings?rule=dead-letter-backlog');
    for (const { subject, evidence, sentence } of findings.items) {
      const place = items.find(({ destination }) => destination === subject.label);
      expect(place, sentence + JSON.stringify(evidence)).toBeDefined();
      expect(sentence).toContain(String(place?.count));
    }
  });
});

describe('13 · runs with a finding', () => {
  it('are those that the open findings of the rule affect', async () => {
    const [stalled] = await collector.runs('finding=stalled-run');
    expect(stalled?.keys).toContainEqual({ type: 'order', value: '8124', relation: 'same' });
    const { items } = await collector.ask<Page<FindingView>>('/findings?rule=stalled-run');
    expect(items.flatMap(({ runIds }) => runIds)).toContain(stalled?.id);
  });
});
