import { createHash } from 'node:crypto';
import type { RunId, TraceId } from '@throughline/model/ids';

function digest(text: string): RunId {
  return `r_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}` as RunId;
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
