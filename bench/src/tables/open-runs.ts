import { setTimeout as sleep } from 'node:timers/promises';
import type { Options } from '../options.js';
import { figure, say, table } from '../print.js';
import { loopBlockMs } from '../servers/collector-api.js';
import { Session } from '../session.js';

const RUNS = 5_000;
const RUNS_FULL = 1_000_000;
const SPANS_PER_RUN = 10;
const QUIET_MS = 5_000;
const WARM_UP_SPANS = 5_000;

/** What open runs of ten spans cost in memory, and how long they keep the event loop from everything else. */
export async function openRunsTable(options: Options): Promise<void> {
  const runs = options.spans === null ? (options.full ? RUNS_FULL : RUNS) : options.spans / 10;
  const spans = runs * SPANS_PER_RUN;
  say(`open runs: ${figure(runs)} runs of ${String(SPANS_PER_RUN)} spans without a declared end`);
  const choreography = { profile: 'choreography', spans: spans + WARM_UP_SPANS };
  await Session.within(options, choreography, async (session) => {
    const { url } = session.server;
    await session.load(WARM_UP_SPANS);
    const before = { rss: session.server.memory().rss, heap: await heapBytes(url) };
    await loopBlockMs(url);
    const slice = await session.load(spans);
    const blockedLoading = await loopBlockMs(url);
    await sleep(QUIET_MS);
    const blockedQuiet = await loopBlockMs(url);
    const loaded = slice.spans / SPANS_PER_RUN;
    const rss = (session.server.memory().rss - before.rss) / loaded;
    const heap = ((await heapBytes(url)) - before.heap) / loaded;
    for (const note of slice.notes) say(`open runs: ${note}`);
    say(
      table([
        HEAD,
        [loaded, rss, heap, blockedLoading, blockedQuiet, slice.idleMsPerS].map(figure),
      ]),
    );
  });
}

const HEAD = [
  'open runs',
  'RSS B a run',
  'of it heap and buffers B',
  'longest loop block ms, loading',
  'quiet',
  'idle CPU ms/s',
];

/** Bytes of the JavaScript heap in use and of the buffers beside it; NaN when /metrics does not tell. */
async function heapBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const bytes = ['heap_size_used', 'external_memory'].map((name) =>
    Number(new RegExp(`^throughline_nodejs_${name}_bytes (\\S+)$`, 'm').exec(text)?.[1]),
  );
  return bytes.reduce((sum, one) => sum + one, 0);
}
