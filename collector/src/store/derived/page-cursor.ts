import type { RunId } from '@throughline/model/ids';
import { Fault } from '../../errors.js';
import type { RunPageRequest, RunSort, RunSummary } from '../read-store.js';

/** A run's place in a listing. */
export interface Place {
  readonly valueNs: bigint;
  readonly id: RunId;
}

export function comparePlaces(a: Place, b: Place): number {
  if (a.valueNs !== b.valueNs) return a.valueNs < b.valueNs ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Where a place stands, as far as its instant tells. */
export function placeKey({ valueNs }: Place): number {
  return Number(valueNs);
}

export function placeOf(run: RunSummary, sort: RunSort): Place {
  return { valueNs: instantOf(run, sort), id: run.id };
}

/** What a listing is ordered by; for `duration` a length. */
export function instantOf(run: RunSummary, sort: RunSort): bigint {
  if (sort === 'lastActivityAt') return run.lastActivityAtNs;
  return sort === 'startedAt' ? run.startedAtNs : run.durationNs;
}

type Ordering = Pick<RunPageRequest, 'sort' | 'descending'>;

/** `startedAt.d.1767225600000000000.r_…`: the last run of a page, in the order that it was listed in. */
export function cursorText({ sort, descending }: Ordering, { valueNs, id }: Place): string {
  return `${sort}.${descending ? 'd' : 'a'}.${valueNs}.${id}`;
}

/** @throws Fault BAD_PARAMETER unless the text came from `cursorText` with the same ordering. */
export function cursorPlace({ sort, descending }: Ordering, text: string): Place {
  const match = /^(\w+)\.([ad])\.(\d{1,20})\.([\w-]{1,64})$/.exec(text);
  if (match === null) {
    throw new Fault('BAD_PARAMETER', 'cursor: take it unchanged from `next` of the page before.');
  }
  if (match[1] !== sort || match[2] !== (descending ? 'd' : 'a')) {
    throw new Fault('BAD_PARAMETER', 'cursor: it belongs to a listing with another `sort`.');
  }
  return { valueNs: BigInt(match[3] ?? 0), id: match[4] as RunId };
}
