import { GeneratorProcess } from '../drive/generator-process.js';
import { spreadOf } from '../drive/quantiles.js';
import { measureCollector, measureNaive, type Limits, type Measured } from '../measure.js';
import type { Options } from '../options.js';
import { figure, mutter, say, spread, table } from '../print.js';
import { specOf } from '../stream/spec-of.js';
import { LimitHit } from '../within.js';
import type { Encoding } from '../wire/encoding.js';

const SPANS_MAX = 100_000;
const SPANS_MIN = 10_000;
const PROBE_SPANS = 10_000;
/** What a repetition takes besides its spans: four starts, settling twice. */
const FIXED_S = 9;

export interface Case {
  readonly profile: string;
  readonly encoding: Encoding;
}

/** One repetition of a case: the collector, and both units measured right before and after it. */
export interface Sample extends Measured {
  readonly naiveUs: number;
  readonly naiveSpansPerS: number;
  readonly inflateUs: number;
  readonly wireBytesPerSpan: number;
}

export type Samples = ReadonlyMap<Case, readonly Sample[]>;

/** Spans per second, CPU, bytes and memory for every encoding and profile, beside the naive reference and inflating. */
export async function ingestTable(options: Options): Promise<void> {
  const cases = options.profiles.flatMap((profile) =>
    options.encodings.map((encoding) => ({ profile, encoding })),
  );
  const end = performance.now() + options.budgetS * 1_000;
  const spans = options.spans ?? (await spansFor(options, cases.length, end));
  say(`ingest: ${figure(spans)} spans, ${String(options.repeats)} repetitions of each row at most`);
  const samples = await sampleAll(cases, { ...options, spans }, end);
  say(ingestRows(samples));
  for (const [{ profile, encoding }, list] of samples) tellLosses(`${profile} ${encoding}`, list);
}

/** Repetitions go round the cases, so that a slow minute of the machine meets all of them. */
export async function sampleAll(
  cases: readonly Case[],
  options: Options & { readonly spans: number },
  end: number,
): Promise<Samples> {
  const samples = new Map<Case, Sample[]>(cases.map((one) => [one, []]));
  let longestMs = 0;
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    for (const one of cases) {
      const start = performance.now();
      if (repeat > 0 && start + longestMs > end) {
        say(`the time is over: ${one.profile} ${one.encoding} is not measured again`);
        continue;
      }
      try {
        const made = await sample(one, options, repeat);
        samples.get(one)?.push(made);
        const name = `${one.profile} ${one.encoding}`;
        mutter(`${name} ${String(repeat + 1)}: ${figure(made.usPerSpan)} µs a span`);
      } catch (fault) {
        if (!(fault instanceof LimitHit)) throw fault;
        say(`${one.profile} ${one.encoding}, repetition ${String(repeat + 1)}: ${fault.message}`);
      }
      longestMs = Math.max(longestMs, performance.now() - start);
    }
  }
  return samples;
}

async function sample(
  { profile, encoding }: Case,
  options: Options & { readonly spans: number },
  repeat: number,
): Promise<Sample> {
  const generator = new GeneratorProcess();
  try {
    const { spans, seed, knobs, connections } = options;
    const spec = specOf({ ...knobs, profile, spans, seed: `${seed}/${String(repeat)}` });
    await generator.ask('open', { spec, encoding });
    const prepared = await generator.ask('prepare', { spans: Number.POSITIVE_INFINITY });
    const load = { generator, prepared, connections, limits: limitsFor(spans, options.full) };
    const before = await generator.ask('inflate', {});
    const naive = await measureNaive(load);
    const measured = await measureCollector(load);
    const after = await generator.ask('inflate', {});
    return {
      ...measured,
      naiveUs: naive.usPerSpan,
      naiveSpansPerS: naive.spansPerS,
      inflateUs: (before.usPerSpan + after.usPerSpan) / 2,
      wireBytesPerSpan: prepared.wireBytes / prepared.spans,
    };
  } finally {
    await generator.stop();
  }
}

/** Every phase ends: a collector that needs a millisecond a span is cut off, and the table says so. */
function limitsFor(spans: number, full: boolean): Limits {
  const perSpan = (ms: number): number => Math.min(full ? 3_600_000 : 120_000, 15_000 + spans * ms);
  return {
    sendMs: perSpan(1),
    settleMs: perSpan(1),
    restartMs: perSpan(1),
    verifyMs: perSpan(0.5),
  };
}

/** As many spans as every case can take, repeated, in what is left of the time: measured, not guessed. */
async function spansFor(options: Options, cases: number, end: number): Promise<number> {
  const start = performance.now();
  const one: Case = {
    profile: options.profiles[0] ?? '',
    encoding: options.encodings[0] ?? 'json',
  };
  const probe = await sample(one, { ...options, spans: PROBE_SPANS }, 0);
  const leftS = (end - performance.now()) / 1_000;
  const eachS = leftS / cases / options.repeats - FIXED_S;
  // Sent once and read once more after the kill, beside making the bodies and the naive reference.
  const spanS = (probe.usPerSpan * 2.5 + probe.naiveUs + 40) / 1e6;
  const fits = Math.floor(eachS / spanS / 1_000) * 1_000;
  const probedS = (performance.now() - start) / 1_000;
  say(`probe: ${figure(probe.usPerSpan)} µs a span, in ${figure(probedS)} s`);
  return Math.min(SPANS_MAX, Math.max(SPANS_MIN, fits));
}

function ingestRows(samples: Samples): string {
  const rows = [...samples].map(([{ profile, encoding }, list]) => {
    const of = (pick: (sample: Sample) => number): string => spread(spreadOf(list.map(pick)));
    const middle = (pick: (sample: Sample) => number): string =>
      figure(spreadOf(list.map(pick)).median);
    return [
      profile,
      encoding,
      of((one) => one.spansPerS),
      of((one) => one.usPerSpan),
      of((one) => one.naiveUs / one.usPerSpan),
      of((one) => one.usPerSpan / one.inflateUs),
      middle((one) => one.bytesPerSpan),
      middle((one) => one.wireBytesPerSpan),
      middle((one) => one.peakRss / 2 ** 20),
      `${middle((one) => one.ackMs.p50)} / ${middle((one) => one.ackMs.p99)}`,
      middle((one) => one.loopBlockMs),
      middle((one) => one.restartMs / 1_000),
      middle((one) => one.idleMsPerS),
      middle((one) => one.naiveUs),
      middle((one) => one.inflateUs),
      middle((one) => one.clientUsPerSpan),
    ];
  });
  return table([HEAD, ...rows]);
}

const HEAD = [
  'profile',
  'encoding',
  'spans/s',
  'CPU s per million spans',
  '× less than naive',
  '× inflating',
  'B/span on disk',
  'B/span sent',
  'peak RSS MiB',
  'ack p50 / p99 ms',
  'longest loop block ms',
  'restart s',
  'idle CPU ms/s',
  'naive CPU',
  'inflate CPU',
  'client CPU',
];

/** What was acknowledged and not found, and which phases were cut off. */
function tellLosses(name: string, list: readonly Sample[]): void {
  for (const { verdict, notes } of list) {
    const { ackedSpans, foundSpans, runs, exactRuns, short } = verdict;
    if (foundSpans !== ackedSpans || exactRuns !== runs) {
      say(
        `${name}: of ${figure(ackedSpans)} spans ${figure(foundSpans)} were found after the kill, ` +
          `${figure(exactRuns)} of ${figure(runs)} runs exactly; such as ${short.join(', ')}`,
      );
    }
    for (const note of notes) say(`${name}: ${note}`);
  }
  const found = list.reduce((sum, { verdict }) => sum + verdict.foundSpans, 0);
  const acked = list.reduce((sum, { verdict }) => sum + verdict.ackedSpans, 0);
  say(`${name}: ${figure(found)} of ${figure(acked)} acknowledged spans found after kill -9`);
}
