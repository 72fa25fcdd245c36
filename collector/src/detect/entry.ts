import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Affected } from './affected.js';
import type { ArrivedAt } from './arrivals.js';
import type { Passage } from './learn/learned-pledge.js';
import { brokenAtNs, type OpenedPledge, type Pledge } from './pledge.js';
import { runLabel } from './run-label.js';
import type { RunIndex } from './run-index.js';
import { standstillOf, type Standstill } from './standstill.js';

/** An open promise and where the run stands with it. */
export interface OpenPromise {
  readonly pledge: Pledge;
  readonly still: Standstill;
  readonly provenNs: UnixNs;
}

/** A promise of one run, as it stands in the books. `still` only while it is open. */
export interface Entry extends Affected {
  readonly pledge: Pledge;
  readonly passage?: Passage;
  readonly label: string;
  readonly still: Standstill | null;
  /**
   * From when on an absence is believed: the deadline and its grace are over, and whatever was sent in time has had
   * the time to arrive. Reports are judged by when they came, not by the times in them.
   */
  readonly sinceNs: UnixNs;
  /** All open promises of the run: one that was opened later may name the cause better. */
  readonly open: readonly OpenPromise[];
  /** Others that were to react to the same opening and did. */
  readonly reactedServices: readonly string[];
  /** Whoever should react is at it, or failed at it: that is no silence. */
  readonly isAtIt: boolean;
  /** Of a kept one: a single span shows the reaction. */
  readonly isFaint: boolean;
  readonly hasCompleted: boolean;
}

/** Arrivals, and how long after them what is absent may still be on its way. Milliseconds. */
export interface Patience {
  readonly arrivedAt: ArrivedAt;
  readonly arrivalGraceMs: number;
  /** How long the reports of a service take, as a rule; of all services together for null. */
  readonly latenessMs: (service: string | null) => number;
}

/** However long a run goes on receiving, an absence is told so long after its opening arrived, at the latest. */
const PATIENCE_MAX_MS = 45_000;

const NOBODY: readonly string[] = [];

/** What the books need of the promises of a run: those that are open, late, or left out of a fan-out. */
export function entriesOf(
  index: RunIndex,
  opened: readonly OpenedPledge[],
  patience: Patience,
): readonly Entry[] {
  const { run } = index;
  const label = runLabel(run);
  const provenNs = proofOf(index, patience);
  const stills = new Map<Pledge, OpenPromise>();
  for (const each of opened) {
    const { pledge } = each;
    if (pledge.keptAtNs !== null || pledge.isCancelled) continue;
    const still = standstillOf(index, each);
    stills.set(pledge, { pledge, still, provenNs: provenNs(each) });
  }
  const open = [...stills.values()];
  return opened.filter(isBooked).map((each) => {
    const { pledge, passage } = each;
    const own = stills.get(pledge);
    return {
      runId: run.id,
      pledge,
      ...(passage === undefined ? {} : { passage }),
      label,
      still: own?.still ?? null,
      sinceNs: own?.provenNs ?? (pledge.keptAtNs === null ? provenNs(each) : brokenAtNs(pledge)),
      open,
      reactedServices: reactedServices(each, opened, index),
      isAtIt: isAtIt(each, index),
      isFaint: isFaint(each, index),
      hasCompleted: run.status === 'completed',
    };
  });
}

/** A promise opened later lies behind the earlier one; any promise lies behind that of the whole run. */
export function* explaining({ open, pledge }: Entry): Iterable<OpenPromise> {
  for (const other of open) {
    if (other.pledge === pledge || other.pledge.form === 'end') continue;
    if (pledge.form === 'end' || other.pledge.openedAtNs > pledge.openedAtNs) yield other;
  }
}

function proofOf(index: RunIndex, { arrivedAt, arrivalGraceMs, latenessMs }: Patience) {
  const { run } = index;
  const graceNs = nsFromMs(arrivalGraceMs);
  const mostNs = nsFromMs(Math.max(arrivalGraceMs, PATIENCE_MAX_MS));
  let lastNs: bigint | null = null;
  const runArrivedNs = (): bigint => {
    lastNs ??= run.steps.reduce((last, { step }) => later(last, arrivedAt(step.id)), 0n);
    return lastNs;
  };
  return ({ pledge, opening }: OpenedPledge): UnixNs => {
    const reportedNs = pledge.dueAtNs + nsFromMs(latenessMs(pledge.by));
    const brokenNs = latest(brokenAtNs(pledge), reportedNs, afterWaitNs(pledge, index)) as UnixNs;
    const step = opening.stepId ?? opening.message?.takenBy[0] ?? run.steps[0]?.step.id;
    const arrivedNs = step === undefined ? 0n : arrivedAt(step);
    if (arrivedNs + graceNs <= brokenNs) return brokenNs;
    // What was overdue before it came is history that is being read in: the rest of the run may be on its way.
    if (arrivedNs < brokenNs) return (arrivedNs + graceNs) as UnixNs;
    const quietNs = later(arrivedNs, runArrivedNs()) + graceNs;
    const latestNs = arrivedNs + mostNs;
    return (quietNs < latestNs ? quietNs : latestNs) as UnixNs;
  };
}

/** The time that a person or a timer took is nobody's delay: what should follow has all its time again from then on. */
function afterWaitNs(pledge: Pledge, { run }: RunIndex): bigint {
  if (pledge.form === 'end') return 0n;
  let untilNs = 0n;
  for (const { step } of run.steps) {
    const isWait = step.declaredKind === 'approval' || step.declaredKind === 'timer';
    if (!isWait || step.isPending || step.id === pledge.after) continue;
    if (step.endedAtNs > pledge.openedAtNs) untilNs = later(untilNs, step.endedAtNs);
  }
  return untilNs === 0n ? 0n : untilNs + (brokenAtNs(pledge) - pledge.openedAtNs);
}

function latest(...all: readonly bigint[]): bigint {
  return all.reduce(later);
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Learned promises that were kept are counted by whoever learned them; and being late breaks nobody's word. */
function isBooked({ pledge }: OpenedPledge): boolean {
  return pledge.origin !== 'learned' || pledge.keptAtNs === null;
}

/** Nothing follows from the reaction that would show it, too. */
function isFaint({ pledge, opening }: OpenedPledge, { occurrences, steps, effects }: RunIndex) {
  const { keptAtNs, event, by } = pledge;
  if (keptAtNs === null) return false;
  if (event === null) {
    const own = (opening.message?.takenBy ?? []).filter((id) => steps.get(id)?.step.service === by);
    return own.length === 1 && own.every((id) => !effects.has(id));
  }
  const [first, ...others] = occurrences.get(event) ?? [];
  return others.length === 0 && first?.message?.takenBy.length === 0;
}

function isAtIt({ pledge, opening }: OpenedPledge, { steps }: RunIndex): boolean {
  return (opening.message?.takenBy ?? []).some((id) => {
    const step = steps.get(id)?.step;
    if (step === undefined || step.service !== pledge.by) return false;
    return step.isPending || step.status === 'error';
  });
}

/** Others that were to react to the same opening and did; once the run is complete, whoever took it. */
function reactedServices(
  { pledge, opening }: OpenedPledge,
  opened: readonly OpenedPledge[],
  { run }: RunIndex,
): readonly string[] {
  if (pledge.by === null || pledge.keptAtNs !== null) return NOBODY;
  // A handler that took it and fell silent did react: nothing is missing from the fan-out.
  if (pledge.origin === 'learned' && pledge.form !== 'take') return NOBODY;
  const declared = opened
    .filter((other) => other.opening === opening && other.pledge.keptAtNs !== null)
    .flatMap((other) => other.pledge.by ?? []);
  const takers = run.status === 'completed' ? (opening.message?.takenByServices ?? []) : [];
  if (declared.length + takers.length === 0) return NOBODY;
  return [...new Set([...declared, ...takers])].filter((service) => service !== pledge.by).sort();
}
