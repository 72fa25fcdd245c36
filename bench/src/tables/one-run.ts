import { timed, timeOf, times } from '../drive/timed-requests.js';
import type { Options } from '../options.js';
import { figure, say, table } from '../print.js';
import { getJson } from '../servers/collector-api.js';
import { Session } from '../session.js';

const SPANS = 100_000;
const ASKED = 5;

/** A single run of a hundred thousand spans: what it costs to take, and how long its first page takes. */
export async function oneRunTable(options: Options): Promise<void> {
  const spans = options.spans ?? SPANS;
  say(`one run of ${figure(spans)} spans`);
  const whole = { profile: 'one-run', spans, openRuns: 1, leavesOpen: true };
  await Session.within(options, whole, async (session) => {
    const { url } = session.server;
    const slice = await session.load(spans);
    for (const note of slice.notes) say(`one run: ${note}`);
    const list = `${url}/api/v1/runs?limit=50`;
    const { items } = (await getJson(list)) as { items: readonly { id: string }[] };
    const run = `${url}/api/v1/runs/${items[0]?.id ?? ''}`;
    const first = await timeOf(run);
    const page = await timed(times(ASKED, run));
    const listed = await timed(times(ASKED, list));
    const rest = await allPages(run);
    const row = [slice.spans, items.length, slice.usPerSpan, slice.spansPerS, first, page.p50];
    say(table([HEAD, [...row, rest.steps, rest.ms, listed.p50].map(figure)]));
  });
}

const HEAD = [
  'spans',
  'runs',
  'CPU µs a span',
  'spans/s',
  'first page ms, first time',
  'again',
  'steps on all pages',
  'all pages ms',
  'list of runs ms',
];

const PAGES_MS_MAX = 60_000;

async function allPages(run: string): Promise<{ steps: number; ms: number }> {
  const start = performance.now();
  let steps = 0;
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?steps_cursor=${encodeURIComponent(cursor)}`;
    const page = (await getJson(`${run}${query}`)) as {
      steps: readonly unknown[];
      stepsNext: string | null;
    };
    steps += page.steps.length;
    cursor = page.stepsNext;
  } while (cursor !== null && performance.now() - start < PAGES_MS_MAX);
  return { steps, ms: performance.now() - start };
}
