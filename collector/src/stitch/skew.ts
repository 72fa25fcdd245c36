import type { StepId } from '@throughline/model/ids';
import type { Edge, SkewCorrection } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { append } from './multimap.js';

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
export function skewOf(steps: ReadonlyMap<StepId, Step>, edges: readonly Edge[]): Skew {
  const shown = shiftsShown(steps, edges);
  const shiftOf = new Map<string, bigint>();
  const corrections: SkewCorrection[] = [];
  for (const { from, to } of edges) {
    const [cause, effect] = [steps.get(from), steps.get(to)];
    if (!cause || !effect) continue;
    const [here, there] = [hostOf(cause), hostOf(effect)];
    if (here === there || shiftOf.has(there)) continue;
    const shifts = shown.get(`${here}\n${there}`);
    const shift = (shiftOf.get(here) ?? 0n) + median(shifts ?? []);
    shiftOf.set(there, shift);
    if (!shifts) continue;
    corrections.push({
      service: effect.service,
      instance: effect.instance,
      againstService: cause.service,
      shiftMs: msFromNs(median(shifts)),
      stepCount: [...steps.values()].filter((step) => hostOf(step) === there).length,
    });
  }
  return {
    corrections,
    correctedStart: (step) => (step.startedAtNs + (shiftOf.get(hostOf(step)) ?? 0n)) as UnixNs,
  };
}

function shiftsShown(
  steps: ReadonlyMap<StepId, Step>,
  edges: readonly Edge[],
): Map<string, bigint[]> {
  const shown = new Map<string, bigint[]>();
  for (const { from, to, kind, evidence } of edges) {
    const [cause, effect] = [steps.get(from), steps.get(to)];
    if (!cause || !effect || evidence === 'inferred' || kind === 'compensates') continue;
    if (cause.timeIsSuspect || effect.timeIsSuspect || hostOf(cause) === hostOf(effect)) continue;
    const lead = cause.startedAtNs - effect.startedAtNs;
    if (lead <= 0n) continue;
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
