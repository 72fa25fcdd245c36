import type { Finding } from '@throughline/model/finding';
import type { RunPromise } from '@throughline/model/promise';
import type { RunItem } from '@throughline/model/api/runs';
import { formatInstant, type UnixNs } from '@throughline/model/time';
import type { RunSummary } from '../../store/read-store.js';
import { isOpen, type FindingReader } from '../sources.js';
import { earliest, instantOrNull } from './instants.js';

export function runItem(run: RunSummary, findings: FindingReader): RunItem {
  const promises = run.status === 'active' ? findings.openPromises(run.id) : [];
  return {
    id: run.id,
    workflow: run.workflow,
    status: run.status,
    pattern: run.pattern,
    keys: run.keys.map(({ type, value, relation }) => ({ type, value, relation })),
    startedAt: formatInstant(run.startedAtNs),
    lastActivityAt: formatInstant(run.lastActivityAtNs),
    endedAt: instantOrNull(run.endedAtNs),
    stepCount: run.stepCount,
    spanCount: run.spanCount,
    traceCount: run.traceCount,
    messageCount: run.messageCount,
    errorCount: run.errorCount,
    services: [...run.services],
    destinations: [...run.destinations],
    findings: findingRefs(findings.findingsOfRun(run.id)),
    parent: run.parent,
    children: [...run.children],
    waitingOn: waitingOn(promises),
    stalledSince: instantOrNull(stalledSinceNs(promises)),
  };
}

function findingRefs(findings: readonly Finding[]): { id: string; rule: string }[] {
  return findings.filter(isOpen).map(({ id, rule }) => ({ id, rule }));
}

/** The unmet promise that is due first, in a few words: `inventory takes payment.captured`. */
export function waitingOn(promises: readonly RunPromise[]): string | null {
  const first = unmet(promises)[0];
  return first === undefined ? null : promiseWords(first);
}

/** The beginning of the longest wait for something that is overdue. */
export function stalledSinceNs(promises: readonly RunPromise[]): UnixNs | null {
  return promises
    .filter(({ state }) => state === 'overdue')
    .reduce<UnixNs | null>((since, { openedAtNs }) => earliest(since, openedAtNs), null);
}

export function unmet(promises: readonly RunPromise[]): RunPromise[] {
  return promises
    .filter(({ state }) => state === 'open' || state === 'overdue')
    .sort((a, b) => Number(a.dueAtNs - b.dueAtNs));
}

export function promiseWords({ what, by }: RunPromise): string {
  if (by === null) return what;
  return what.startsWith('takes ') ? `${by} ${what}` : `${what} by ${by}`;
}
