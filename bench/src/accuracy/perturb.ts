import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Corpus } from './corpus/corpus.js';

/** How telemetry suffers on its way, or at its source. */
export const PERTURBATIONS = [
  'clean',
  'duplicates',
  'reorder',
  'late',
  'loss',
  'skew',
  'sampling',
] as const;
export type Perturbation = (typeof PERTURBATIONS)[number];

export interface Arrival {
  readonly atMs: number;
  readonly span: SpanDescription;
  /** The flow it belongs to. */
  readonly flow: number;
}

export interface Perturbed {
  /** In order of time. */
  readonly arrivals: readonly Arrival[];
  /** Flows of which any span never arrives. */
  readonly incomplete: ReadonlySet<number>;
}

/** Exporters send what has ended every so often. */
const EXPORT_EVERY_MS = 2_000;
const ON_THE_WAY_MS = 150;
const REORDER_MS = 5_000;
const DUPLICATE_SHARE = 0.2;
const DUPLICATE_AFTER_MS = 30_000;
const LATE_MS = 60_000;
const LATE_SHARE = 0.2;
const LOSS_SHARE = 0.01;
const SKEW_MS = 5_000;
const SAMPLED_SHARE = 0.1;

/** The spans of the corpus as they come in. */
export function perturbed(corpus: Corpus, how: Perturbation, seed: string): Perturbed {
  const chance = seeded(`${seed}/${how}`);
  const isSampled = sampler(how, chance);
  const aheadMs = clocks(how, `${seed}/clocks`);
  const arrivals: Arrival[] = [];
  const incomplete = new Set<number>();
  for (const { number, line } of corpus.flows) {
    for (const span of line.spans) {
      if (!isSampled(span) || (how === 'loss' && chance.fraction() < LOSS_SHARE)) {
        incomplete.add(number);
        continue;
      }
      const atMs = exportedAtMs(span) + delayMs(how, chance);
      const seen = shifted(span, aheadMs(serviceOf(span)));
      arrivals.push({ atMs, span: seen, flow: number });
      if (how === 'duplicates' && chance.fraction() < DUPLICATE_SHARE) {
        const againMs = atMs + DUPLICATE_AFTER_MS * chance.fraction();
        arrivals.push({ atMs: againMs, span: seen, flow: number });
      }
    }
  }
  return { arrivals: arrivals.sort((a, b) => a.atMs - b.atMs), incomplete };
}

export function serviceOf({ resource }: SpanDescription): string {
  return String(resource['service.name']);
}

function exportedAtMs(span: SpanDescription): number {
  const endedMs = Number(span.endNs - STORY_START_NS) / 1e6;
  const phaseMs = phaseOf(serviceOf(span));
  const ticks = Math.floor((endedMs - phaseMs) / EXPORT_EVERY_MS) + 1;
  return ticks * EXPORT_EVERY_MS + phaseMs + ON_THE_WAY_MS;
}

const phases = new Map<string, number>();

/** Not all exporters send at the same instant. */
function phaseOf(service: string): number {
  const known = phases.get(service);
  if (known !== undefined) return known;
  const phase = seeded(service).below(EXPORT_EVERY_MS);
  phases.set(service, phase);
  return phase;
}

function delayMs(how: Perturbation, chance: Seeded): number {
  if (how === 'reorder') return REORDER_MS * chance.fraction();
  if (how !== 'late' || chance.fraction() >= LATE_SHARE) return 0;
  return LATE_MS * chance.fraction();
}

/** A sampler at the head of each trace keeps all of it or nothing; another trace of the run is dealt with anew. */
function sampler(how: Perturbation, chance: Seeded): (span: SpanDescription) => boolean {
  if (how !== 'sampling') return () => true;
  const decided = new Map<string, boolean>();
  return ({ traceId }) => {
    const known = decided.get(traceId);
    if (known !== undefined) return known;
    const isSampled = chance.fraction() < SAMPLED_SHARE;
    decided.set(traceId, isSampled);
    return isSampled;
  };
}

/** By how much the clock of each service is ahead. */
function clocks(how: Perturbation, seed: string): (service: string) => number {
  if (how !== 'skew') return () => 0;
  return (service) => SKEW_MS * (2 * seeded(`${seed}/${service}`).fraction() - 1);
}

function shifted(span: SpanDescription, byMs: number): SpanDescription {
  if (byMs === 0) return span;
  const by = nsFromMs(Math.round(byMs));
  return { ...span, startNs: (span.startNs + by) as UnixNs, endNs: (span.endNs + by) as UnixNs };
}
