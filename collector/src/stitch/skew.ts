import type { Edge, SkewCorrection } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { append } from './multimap.js';
import { eachOf, type Sliced } from './sliced.js';
import type { StepLookup, StepTable } from './step-table.js';

export interface Skew {
  readonly corrections: readonly SkewCorrection[];
  /** Start of each step on the clock of the run's first host. */
  readonly correctedStart: (step: Step) => UnixNs;
}

/**
 * Cause comes before effect whatever the clocks say (S11). Where an effect on another host starts before its
 * cause, that host's clock is behind: by how much is taken from the call that shows it (the server's work lies
 * in the middle of the call, as in Zipkin and Jaeger) or, for a message, from the least shift that mends it. One
 * shift per pair of hosts, the median of what its edges show, carried on from host to host.
 */
export function* skewOf(steps: StepTable, edges: readonly Edge[]): Sliced<Skew> {
  const between = yield* edgesBetweenHosts(steps, edges);
  const shown = shiftsShown(between);
  if (shown.size === 0) return NO_SKEW;
  const stepsOn = new Map<string, number>();
  yield* eachOf(steps.list, (step) => {
    stepsOn.set(hostOf(step), (stepsOn.get(hostOf(step)) ?? 0) + 1);
  });
  const shiftOf = new Map<string, bigint>();
  const corrections: SkewCorrection[] = [];
  yield* eachOf(between, ({ cause, effect }) => {
    const [here, there] = [hostOf(cause), hostOf(effect)];
    if (shiftOf.has(there)) return;
    const shifts = shown.get(`${here}\n${there}`);
    const shift = (shiftOf.get(here) ?? 0n) + median(shifts ?? []);
    shiftOf.set(there, shift);
    if (!shifts) return;
    corrections.push({
      service: effect.service,
      instance: effect.instance,
      againstService: cause.service,
      shiftMs: msFromNs(median(shifts)),
      stepCount: stepsOn.get(there) ?? 0,
    });
  });
  return {
    corrections,
    correctedStart: (step) => (step.startedAtNs + (shiftOf.get(hostOf(step)) ?? 0n)) as UnixNs,
  };
}

const NO_SKEW: Skew = { corrections: [], correctedStart: ({ startedAtNs }) => startedAtNs };

interface EdgeBetweenHosts {
  readonly cause: Step;
  readonly effect: Step;
  readonly edge: Edge;
}

function* edgesBetweenHosts(steps: StepLookup, edges: readonly Edge[]): Sliced<EdgeBetweenHosts[]> {
  const between: EdgeBetweenHosts[] = [];
  yield* eachOf(edges, (edge) => {
    const [cause, effect] = [steps.get(edge.from), steps.get(edge.to)];
    if (!cause || !effect) return;
    if (cause.service === effect.service && cause.instance === effect.instance) return;
    between.push({ cause, effect, edge });
  });
  return between;
}

function shiftsShown(between: readonly EdgeBetweenHosts[]): Map<string, bigint[]> {
  const shown = new Map<string, bigint[]>();
  for (const { cause, effect, edge } of between) {
    const { kind, evidence } = edge;
    if (effect.startedAtNs >= cause.startedAtNs) continue;
    if (evidence === 'inferred' || kind === 'compensates') continue;
    if (cause.timeIsSuspect || effect.timeIsSuspect) continue;
    const lead = cause.startedAtNs - effect.startedAtNs;
    const slack = lengthOf(cause) - lengthOf(effect);
    const shift = kind === 'call' && slack > 0n ? lead + slack / 2n : lead;
    append(shown, `${hostOf(cause)}\n${hostOf(effect)}`, shift);
  }
  return shown;
}

function lengthOf(step: Step): bigint {
  return step.endedAtNs - step.startedAtNs;
}

function hostOf(step: Step): string {
  return `${step.service}\t${step.instance ?? ''}`;
}

function median(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor(sorted.length / 2)] ?? 0n;
}
