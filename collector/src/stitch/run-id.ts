import { hash } from 'node:crypto';
import type { RunId, TraceId } from '@throughline/model/ids';
import { NS_PER_MS } from '@throughline/model/time';
import type { Entry } from './trace-state.js';

function digest(text: string): RunId {
  return `r_${hash('sha256', text, 'base64url').slice(0, 22)}` as RunId;
}

/**
 * The id of a run is a pure function of what names it, so that it is the same after any order of arrival,
 * any restart and any rebuild. A run that several keys or traces name has one of these ids and the others as
 * aliases (S9).
 */
export function runIdOfKey(type: string, value: string): RunId {
  return digest(`key\u0000${type}\u0000${value}`);
}

export function runIdOfTrace(trace: TraceId): RunId {
  return digest(`trace\u0000${trace}`);
}

/** Characters of an id that a key or a trace gives. */
const PLAIN_LENGTH = 24;

/** A later epoch of a key has the key's id and the millisecond of its first step: readable without any index (S8). */
export function runIdOfEpoch(key: RunId, first: Entry): RunId {
  return `${key}-${startMs(first).toString(36)}` as RunId;
}

/** The id of the key or trace behind any id, and the millisecond when it names an epoch. */
export function readRunId(id: string): {
  readonly plain: RunId;
  readonly beganAtMs: number | null;
} {
  const plain = id.slice(0, PLAIN_LENGTH) as RunId;
  const told = /^-([0-9a-z]{1,12})$/.exec(id.slice(PLAIN_LENGTH))?.[1];
  if (told === undefined) return { plain: id as RunId, beganAtMs: null };
  return { plain, beganAtMs: Number.parseInt(told, 36) };
}

export function startMs({ step }: Entry): number {
  return Number(step.startedAtNs / NS_PER_MS);
}
