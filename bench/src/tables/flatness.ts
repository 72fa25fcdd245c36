import { timed, times } from '../drive/timed-requests.js';
import type { Options } from '../options.js';
import { figure, say, table } from '../print.js';
import { getJson } from '../servers/collector-api.js';
import { Session, type Slice } from '../session.js';

const BASE_SPANS = 10_000;
const BASE_SPANS_FULL = 1_000_000;
const TIMES = 4;
const TIMES_FULL = 20;
/** A point is put in the table so often on the way. */
const POINTS = 4;
const ASKED = 40;

interface Point extends Slice {
  readonly stored: number;
  readonly firstPage: number;
  readonly byKey: number;
  readonly byKeyP99: number;
  readonly map: number;
}

/** What the same work costs when N times as much is stored: CPU per span, and the time of three questions. */
export async function flatnessTable(options: Options): Promise<void> {
  const base = options.spans ?? (options.full ? BASE_SPANS_FULL : BASE_SPANS);
  const last = options.full ? TIMES_FULL : TIMES;
  const gap = Math.max(1, Math.floor(last / POINTS));
  const marks = [1, ...Array.from({ length: POINTS }, (_, at) => (at + 1) * gap)];
  say(`flatness: to ${figure(base * last)} spans stored, in steps of ${figure(base)}`);
  await Session.within(options, { spans: base * (last + 1) }, async (session) => {
    await session.load(base / 2);
    const points: Point[] = [];
    for (let at = 1; at <= last; at += 1) {
      const slice = await session.load(at === 1 ? base / 2 : base);
      for (const note of slice.notes) say(`flatness at ${figure(session.taken)}: ${note}`);
      if (marks.includes(at) || slice.notes.length > 0) points.push(await point(session, slice));
      if (slice.sent.limitHit) break;
    }
    say(table([HEAD, ...points.map(row), ratioRow(points)]));
  });
}

async function point(session: Session, slice: Slice): Promise<Point> {
  const { url } = session.server;
  const keys = await session.generator.ask('keys', { count: ASKED });
  const ids: string[] = [];
  for (const key of keys) {
    const found = (await getJson(`${url}/api/v1/runs?key=correlation:${key}`)) as {
      items: readonly { id: string }[];
    };
    const [run] = found.items;
    if (run !== undefined) ids.push(`${url}/api/v1/runs/${run.id}`);
  }
  // Asked once before it counts: the first answers pay for the compiler, whatever is stored.
  await timed([...ids, ...times(ASKED, `${url}/api/v1/runs?limit=50`)]);
  const byKey = await timed(keys.map((key) => `${url}/api/v1/runs?key=correlation:${key}`));
  const detail = await timed(ids);
  return {
    ...slice,
    stored: session.taken,
    firstPage: (await timed(times(ASKED, `${url}/api/v1/runs?limit=50`))).p50,
    byKey: byKey.p50 + detail.p50,
    byKeyP99: byKey.p99 + detail.p99,
    map: (await timed(times(ASKED / 2, `${url}/api/v1/map`))).p50,
  };
}

const HEAD = [
  'spans stored',
  'CPU µs a span',
  'first page of runs ms',
  'run by key with its spans ms',
  'its p99 ms',
  'map ms',
  'idle CPU ms/s',
];

function row(at: Point): readonly string[] {
  const { stored, usPerSpan, firstPage, byKey, byKeyP99, map, idleMsPerS } = at;
  return [stored, usPerSpan, firstPage, byKey, byKeyP99, map, idleMsPerS].map(figure);
}

function ratioRow(points: readonly Point[]): readonly string[] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const over = (pick: (point: Point) => number): string => figure(pick(last) / pick(first));
  return [
    `last ÷ first`,
    over((one) => one.usPerSpan),
    over((one) => one.firstPage),
    over((one) => one.byKey),
    over((one) => one.byKeyP99),
    over((one) => one.map),
    over((one) => one.idleMsPerS),
  ];
}
