import type { RunId, StepId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import { nsFromMs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import { halfOf, type HalfAct, type HalfRun } from './half-run.js';
import { formsOf } from './key-forms.js';
import type { Pledge } from './pledge.js';
import type { RunIndex } from './run-index.js';
import type { MessageGlimpse, Standstill } from './standstill.js';

/** The promised act, found in another run. */
export interface ActElsewhere {
  readonly half: HalfRun;
  readonly act: HalfAct;
  readonly kind: 'took' | 'sent';
  /** What ties it to the run that waits. */
  readonly by: 'message' | 'content' | 'handler' | 'key';
}

/** Clocks of two hosts may disagree by so much about what came first. */
const SKEW_MS = 60_000;

/** Runs that began without their beginning, to be found by those that wait. Depends on the set of runs only. */
export class HalfLedger {
  readonly #halves = new Map<RunId, HalfRun>();
  readonly #byForm = new Map<string, Set<HalfRun>>();
  readonly #byHash = new Map<string, Set<HalfRun>>();
  /** By a step of the half, and by the steps that it was done in. */
  readonly #byStep = new Map<StepId, HalfRun>();
  readonly #byHandler = new Map<string, Set<HalfRun>>();
  /** Services of halves that came, went or changed since they were last asked for. */
  #news = new Set<string>();

  put(index: RunIndex): void {
    const half = halfOf(index);
    this.remove(index.run.id);
    if (half === null) return;
    this.#halves.set(half.runId, half);
    this.#index(half, (map, key) => {
      const known = map.get(key);
      if (known === undefined) map.set(key, new Set([half]));
      else known.add(half);
    });
    for (const { stepId } of half.takes) this.#byStep.set(stepId, half);
    this.#note(half);
    if (this.#halves.size <= LIMITS.halfRunsMax) return;
    for (const first of this.#halves.keys()) {
      this.remove(first);
      return;
    }
  }

  remove(id: RunId): void {
    const half = this.#halves.get(id);
    if (half === undefined) return;
    this.#halves.delete(id);
    this.#index(half, (map, key) => {
      const known = map.get(key);
      known?.delete(half);
      if (known?.size === 0) map.delete(key);
    });
    for (const { stepId } of half.takes) this.#byStep.delete(stepId);
    this.#note(half);
  }

  /** Whose acts may now be found elsewhere, or no longer. */
  takeNews(): ReadonlySet<string> {
    const news = this.#news;
    if (news.size > 0) this.#news = new Set();
    return news;
  }

  /** What the run waits for, done in a run of its own; null when no such run shows. */
  actElsewhere(pledge: Pledge, still: Standstill): ActElsewhere | null {
    const { act, opening, held } = still;
    const waiting = act === null ? [opening, ...held] : [];
    for (const message of waiting) {
      const found = message === null ? null : this.#takenElsewhere(message, pledge);
      if (found !== null) return found;
    }
    const sent = act === null ? null : this.#sentInside(act.id, pledge);
    if (sent !== null) return sent;
    return this.#byKey(pledge, still, waiting);
  }

  #sentInside(handler: StepId, { event, runId }: Pledge): ActElsewhere | null {
    for (const half of this.#byHandler.get(handler) ?? NO_HALVES) {
      const act = half.sends.find(({ name, insideOf }) => name === event && insideOf === handler);
      if (act === undefined || half.runId === runId) continue;
      return { half, act, kind: 'sent', by: 'handler' };
    }
    return null;
  }

  #takenElsewhere(message: MessageGlimpse, pledge: Pledge): ActElsewhere | null {
    for (const { stepId, service } of message.takenElsewhere) {
      const half = this.#byStep.get(stepId);
      const act = half?.takes.find((each) => each.stepId === stepId);
      if (half === undefined || act === undefined || half.runId === pledge.runId) continue;
      if (isWanted(service, pledge)) return { half, act, kind: 'took', by: 'message' };
    }
    // What was sent under one content, and taken once under the same, is the same message.
    const alike = this.#byHash.get(message.payloadHash ?? '');
    if (alike?.size !== 1 || message.takenByServices.length > 0) return null;
    const [half] = alike;
    const act = half?.takes.find((each) => isTaking(each, message, pledge));
    if (half === undefined || act === undefined || half.runId === pledge.runId) return null;
    return act.payloadHash === message.payloadHash
      ? { half, act, kind: 'took', by: 'content' }
      : null;
  }

  #byKey(
    pledge: Pledge,
    { keys, act }: Standstill,
    waiting: readonly (MessageGlimpse | null)[],
  ): ActElsewhere | null {
    const found: ActElsewhere[] = [];
    for (const half of this.#near(keys)) {
      if (half.runId === pledge.runId || isRelated(half, keys)) continue;
      const took = half.takes.find((each) =>
        waiting.some((message) => message !== null && isTaking(each, message, pledge)),
      );
      if (took !== undefined) found.push({ half, act: took, kind: 'took', by: 'key' });
      const sent = half.sends.find(
        (each) =>
          each.name === pledge.event &&
          isWanted(each.service, { by: pledge.by ?? act?.service ?? null }) &&
          isAfter(each, pledge.openedAtNs),
      );
      if (sent !== undefined) found.push({ half, act: sent, kind: 'sent', by: 'key' });
    }
    return found.sort(byAct)[0] ?? null;
  }

  *#near(keys: readonly Key[]): Iterable<HalfRun> {
    for (const { relation, value } of keys) {
      if (relation !== 'same') continue;
      for (const form of formsOf(value)) yield* this.#byForm.get(form) ?? NO_HALVES;
    }
  }

  #index(half: HalfRun, each: (map: Map<string, Set<HalfRun>>, key: string) => void): void {
    for (const { relation, value } of half.keys) {
      if (relation !== 'same') continue;
      for (const form of formsOf(value)) each(this.#byForm, form);
    }
    for (const handler of new Set(half.sends.flatMap(({ insideOf }) => insideOf ?? []))) {
      each(this.#byHandler, handler);
    }
    for (const hash of new Set(half.takes.flatMap(({ payloadHash }) => payloadHash ?? []))) {
      each(this.#byHash, hash);
    }
  }

  #note({ takes, sends }: HalfRun): void {
    for (const { service } of takes) this.#news.add(service);
    for (const { service } of sends) this.#news.add(service);
  }
}

const NO_HALVES: ReadonlySet<HalfRun> = new Set();

function isWanted(service: string, { by }: Pick<Pledge, 'by'>): boolean {
  return by === null || service === by;
}

function isTaking(act: HalfAct, message: MessageGlimpse, pledge: Pledge): boolean {
  const { name, system, destination } = message;
  if (act.name !== name || act.system !== system || act.destination !== destination) return false;
  return isWanted(act.service, pledge) && isAfter(act, message.sentAtNs ?? pledge.openedAtNs);
}

function isAfter({ atNs }: HalfAct, sinceNs: bigint): boolean {
  return atNs + nsFromMs(SKEW_MS) >= sinceNs;
}

/** Another epoch of the same key, or a run that names this one as its parent: two runs, and meant to be. */
function isRelated(half: HalfRun, keys: readonly Key[]): boolean {
  return half.keys.some(({ type, value, relation }) =>
    keys.some((own) => {
      if (own.relation !== 'same' || own.value !== value) return false;
      return relation === 'child-of' || (relation === 'same' && own.type === type);
    }),
  );
}

function byAct(a: ActElsewhere, b: ActElsewhere): number {
  if (a.kind !== b.kind) return a.kind === 'took' ? -1 : 1;
  if (a.act.atNs !== b.act.atNs) return a.act.atNs < b.act.atNs ? -1 : 1;
  return a.half.runId < b.half.runId ? -1 : a.half.runId > b.half.runId ? 1 : 0;
}
