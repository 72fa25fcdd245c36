import type { Policy } from '@throughline/model/policy';
import type { Corpus, CorpusSpec } from './corpus/corpus.js';
import { tellCorpus } from './corpus/corpus.js';
import { accuracyPolicy } from './policy.js';
import { SHAPES } from './corpus/shapes.js';
import { PERTURBATIONS, perturbed, type Perturbation } from './perturb.js';
import { outputOf, score, type Score } from './score.js';
import { watch, type Observed } from './watch.js';

export type CellName = Perturbation | 'quiet week';

export const CELLS: readonly CellName[] = [...PERTURBATIONS, 'quiet week'];

/** One corpus, seen through one kind of telemetry. */
export interface Cell {
  readonly name: CellName;
  readonly score: Score;
  readonly observed: Observed;
  /** What is the same however spans come in. */
  readonly output: readonly string[];
  readonly seconds: number;
}

export interface Sizes {
  readonly seed: string;
  readonly healthy: number;
  /** Flows of each kind of fault. */
  readonly each: number;
  /** Runs of the quiet week. */
  readonly quiet: number;
}

const EVERY_MS = 2_000;
const WEEK_MS = 7 * 24 * 3_600_000;

export function faultyCorpus({ seed, healthy, each }: Sizes): Corpus {
  return tellCorpus({ seed, healthy, each, everyMs: EVERY_MS });
}

/** A week in which nothing goes wrong. */
export function quietCorpus(
  { seed, quiet }: Sizes,
  shapes: CorpusSpec['shapes'] = undefined,
): Corpus {
  const spec = { seed: `${seed}/quiet`, healthy: quiet, each: 0 };
  const lanes = shapes?.length ?? SHAPES.length;
  return tellCorpus({
    ...spec,
    everyMs: Math.floor((WEEK_MS * lanes) / quiet),
    ...(shapes === undefined ? {} : { shapes }),
  });
}

export interface Measuring {
  readonly name: CellName;
  readonly seed: string;
  /** What the operator declared, unless a control takes something from it. */
  readonly policy?: Policy;
}

export async function measure(corpus: Corpus, measuring: Measuring): Promise<Cell> {
  const { name, seed, policy = accuracyPolicy() } = measuring;
  const startedMs = performance.now();
  const how = name === 'quiet week' ? 'clean' : name;
  const { arrivals, incomplete } = perturbed(corpus, how, seed);
  const observed = await watch(corpus, { arrivals }, policy);
  const seconds = (performance.now() - startedMs) / 1_000;
  return {
    name,
    score: score(corpus, observed, incomplete),
    observed,
    output: outputOf(corpus, observed),
    seconds,
  };
}
