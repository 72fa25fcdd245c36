import { sendMarkers } from '../drive/markers.js';
import type { Options } from '../options.js';
import { figure, say, table } from '../print.js';
import { Session } from '../session.js';

const RATE = 10_000;
const LOAD_S = 10;
const FIND_SPANS = 10_000;

/** How long it takes from sending a span until a browser has it, while others send at a fixed rate. */
export async function toBrowserTable(options: Options): Promise<void> {
  await Session.within(options, { spans: Number.MAX_SAFE_INTEGER }, async (session) => {
    await session.load(FIND_SPANS / 2);
    const most = await session.load(FIND_SPANS);
    const half = Math.min(most.spansPerS, 1e6 / most.usPerSpan) / 2;
    const rate = Math.min(RATE, half);
    say(`to browser: at ${figure(rate)} spans/s for ${String(LOAD_S)} s, a marker each 100 ms`);
    if (rate < RATE)
      say(`to browser: it cannot take ${figure(2 * RATE)} spans/s; half of its most`);
    const [slice, markers] = await Promise.all([
      session.load(Math.floor(rate * LOAD_S), rate),
      sendMarkers(session.server.url, LOAD_S * 1_000),
    ]);
    const { p50, p99, max } = markers.toBrowserMs;
    const counts = [slice.spansPerS, markers.sent, markers.seen];
    say(table([HEAD, [...counts, p50, p99, max].map(figure)]));
    for (const note of slice.notes) say(`to browser: ${note}`);
  });
}

const HEAD = ['spans/s', 'markers sent', 'seen', 'p50 ms', 'p99 ms', 'max ms'];
