import { figure, say, table } from '../print.js';
import type { Options } from '../options.js';
import { sampleAll, type Case, type Sample } from '../tables/ingest.js';
import { LimitHit } from '../within.js';
import { lossesOf, ratiosOf, RATIOS, type Ratios } from './judge.js';
import { readStoredRatios, writeStoredRatios, type StoredRatios } from './stored-ratios.js';

const REPEATS = 5;
const STORED_SPANS = 20_000;
const CASES: readonly Case[] = [
  { profile: 'choreography', encoding: 'protobuf+gzip' },
  { profile: 'choreography', encoding: 'json+gzip' },
];

/**
 * Measures what is stored again, and compares. A case that looks worse is measured a second time, and judged by all
 * its repetitions.
 *
 * @returns whether nothing got worse by more than a tenth.
 */
export async function guard(options: Options): Promise<boolean> {
  const stored = await readStoredRatios();
  say(
    `guard: ${figure(stored.spans)} spans, ${String(REPEATS)} repetitions, as on ${stored.measuredOn}`,
  );
  const first = await measured(CASES, stored.spans, options);
  const doubtful = CASES.filter((one) => lossesOfCase(one, stored, first).length > 0);
  if (doubtful.length > 0) {
    say(`guard: measuring ${doubtful.map(nameOf).join(' and ')} again, to be sure`);
    const second = await measured(doubtful, stored.spans, options);
    for (const one of doubtful) first.get(one)?.push(...(second.get(one) ?? []));
  }
  const rows = CASES.map((one) => rowOf(one, stored, first));
  say(table([['case', ...RATIOS.flatMap((name) => [name, 'stored'])], ...rows]));
  const losses = CASES.flatMap((one) =>
    lossesOfCase(one, stored, first).map(
      ({ what, worseBy }) => `${nameOf(one)}: ${what} is worse by ${(worseBy * 100).toFixed(0)} %`,
    ),
  );
  for (const loss of losses) say(`guard: ${loss}`);
  const lost = lostSpans(first);
  for (const loss of lost) say(`guard: ${loss}`);
  if (losses.length + lost.length === 0) say('guard: nothing got worse by more than 10 %');
  return losses.length + lost.length === 0;
}

/** Measures and stores: what the guard compares with from then on. */
export async function storeRatios(options: Options): Promise<void> {
  const spans = options.spans ?? STORED_SPANS;
  const samples = await measured(CASES, spans, options);
  const cases = Object.fromEntries(
    [...samples].map(([one, list]) => [nameOf(one), ratiosOf(list.map(ratios))]),
  );
  const measuredOn = new Date().toISOString().slice(0, 10);
  await writeStoredRatios({ measuredOn, spans, cases });
  say(`stored: ${JSON.stringify(cases, null, 2)}`);
}

async function measured(
  cases: readonly Case[],
  spans: number,
  options: Options,
): Promise<Map<Case, Sample[]>> {
  const same = { ...options, spans, repeats: Math.max(REPEATS, options.repeats) };
  const samples = await sampleAll(cases, same, Number.POSITIVE_INFINITY);
  return new Map([...samples].map(([one, list]) => [one, [...list]]));
}

function lossesOfCase(one: Case, stored: StoredRatios, samples: ReadonlyMap<Case, Sample[]>) {
  const before = stored.cases[nameOf(one)];
  if (samples.get(one)?.length === 0) throw new LimitHit(`${nameOf(one)} was never measured whole`);
  if (before === undefined) throw new Error(`nothing is stored for ${nameOf(one)}: run --store`);
  return lossesOf(before, (samples.get(one) ?? []).map(ratios));
}

/** What was acknowledged and is not there makes every other figure worthless. */
function lostSpans(samples: ReadonlyMap<Case, readonly Sample[]>): readonly string[] {
  return [...samples].flatMap(([one, list]) =>
    list
      .filter(({ verdict }) => verdict.foundSpans < verdict.ackedSpans)
      .map(
        ({ verdict }) =>
          `${nameOf(one)}: ${figure(verdict.ackedSpans - verdict.foundSpans)} spans were lost`,
      ),
  );
}

function rowOf(
  one: Case,
  stored: StoredRatios,
  samples: ReadonlyMap<Case, readonly Sample[]>,
): readonly string[] {
  const now = ratiosOf((samples.get(one) ?? []).map(ratios));
  const before = stored.cases[nameOf(one)];
  const cells = RATIOS.flatMap((name) => [figure(now[name]), figure(before?.[name] ?? Number.NaN)]);
  return [nameOf(one), ...cells];
}

function ratios({ naiveUs, usPerSpan, inflateUs, bytesPerSpan }: Sample): Ratios {
  return {
    timesLessThanNaive: naiveUs / usPerSpan,
    timesInflating: usPerSpan / inflateUs,
    bytesPerSpan,
  };
}

function nameOf({ profile, encoding }: Case): string {
  return `${profile} ${encoding}`;
}
