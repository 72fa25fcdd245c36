import { Poller } from '../drive/poller.js';
import { Viewers } from '../drive/viewers-process.js';
import type { Options } from '../options.js';
import { figure, say, table } from '../print.js';
import { loopBlockMs } from '../servers/collector-api.js';
import { Session } from '../session.js';

const FIND_SPANS = 20_000;
const FIND_SPANS_FULL = 500_000;
const LOAD_S = 10;
const PAGES = 5;

/** How long an acknowledgement takes at half of what can be taken, while five pages are open and the API is asked. */
export async function halfRateTable(options: Options): Promise<void> {
  const find = options.spans ?? (options.full ? FIND_SPANS_FULL : FIND_SPANS);
  // The stream must be long enough for half of any rate; what is not needed is never made.
  await Session.within(options, { spans: Number.MAX_SAFE_INTEGER }, async (session) => {
    const { url } = session.server;
    await session.load(find / 2);
    const most = await session.load(find);
    // The most that it deals with for good, not the most that it can put on a pile.
    const sustained = Math.min(most.spansPerS, 1e6 / most.usPerSpan);
    const rate = sustained / 2;
    say(`half rate: ${figure(rate)} spans/s for ${String(LOAD_S)} s, API asked and pages open`);
    const viewers = await Viewers.connect(url, PAGES);
    const questions = ['runs?limit=50', 'map', 'findings', 'stats', 'destinations', 'services'];
    const poller = new Poller(questions.map((path) => `${url}/api/v1/${path}`));
    await loopBlockMs(url);
    const slice = await session.load(Math.floor(rate * LOAD_S), rate);
    const blocked = await loopBlockMs(url);
    const asked = await poller.stop();
    await viewers.close();
    const { p50, p99, max } = slice.sent.ackMs;
    const row = [slice.spansPerS, p50, p99, max, asked.p50, asked.p99, blocked];
    say(table([HEAD, row.map(figure)]));
    for (const note of [...most.notes, ...slice.notes]) say(`half rate: ${note}`);
  });
}

const HEAD = [
  'spans/s',
  'ack p50 ms',
  'ack p99 ms',
  'ack max ms',
  'API p50 ms',
  'API p99 ms',
  'longest loop block ms',
];
