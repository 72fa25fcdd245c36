import { spreadOf } from '../drive/quantiles.js';
import { Viewers } from '../drive/viewers-process.js';
import type { Options } from '../options.js';
import { figure, say, spread, table } from '../print.js';
import { Session, type Slice } from '../session.js';

const VIEWERS = 50;
const SLICE_SPANS = 10_000;
const SLICE_SPANS_FULL = 200_000;

/** What ingest loses to fifty open pages: the same stream in slices, every second one with them. */
export async function viewersTable(options: Options): Promise<void> {
  const size = options.spans ?? (options.full ? SLICE_SPANS_FULL : SLICE_SPANS);
  const pairs = Math.max(2, options.repeats);
  say(
    `viewers: ${String(pairs)} pairs of slices of ${figure(size)} spans, without and with 50 of them`,
  );
  await Session.within(options, { spans: size * (2 * pairs + 2) }, async (session) => {
    await session.load(size);
    const without: Slice[] = [];
    const watched: Slice[] = [];
    let deltas = 0;
    for (let pair = 0; pair < pairs; pair += 1) {
      without.push(await session.load(size));
      const viewers = await Viewers.connect(session.server.url, VIEWERS);
      watched.push(await session.load(size));
      deltas += await viewers.deltas();
      await viewers.close();
    }
    const rates = (list: readonly Slice[]) => spreadOf(list.map(({ spansPerS }) => spansPerS));
    const costs = (list: readonly Slice[]) => spreadOf(list.map(({ usPerSpan }) => usPerSpan));
    const lost = (a: number, b: number): string => `${figure((1 - a / b) * 100)} %`;
    say(
      table([
        ['', 'spans/s', 'CPU µs a span', 'deltas'],
        ['no viewer', spread(rates(without)), spread(costs(without)), '0'],
        ['50 viewers', spread(rates(watched)), spread(costs(watched)), figure(deltas)],
        [
          'lost',
          lost(rates(watched).median, rates(without).median),
          lost(costs(without).median, costs(watched).median),
          '',
        ],
      ]),
    );
    for (const note of [...without, ...watched].flatMap(({ notes }) => notes)) {
      say(`viewers: ${note}`);
    }
  });
}
