import type { Finding, Severity } from '@throughline/model/finding';
import type { RunPromise } from '@throughline/model/promise';
import type { Run, RunStep } from '@throughline/model/run';
import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';
import { unreachable } from '@throughline/model/invariant';
import { isOpen } from '../sources.js';
import { ageMs, durationWords } from './instants.js';
import { promiseWords, unmet } from './run-item.js';

export interface SentenceFacts {
  readonly run: Run;
  readonly promises: readonly RunPromise[];
  readonly findings: readonly Finding[];
  readonly now: UnixNs;
}

const RANK: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** One sentence that explains the run as it stands: the gravest finding first, else what the steps say. */
export function runSentence({ run, promises, findings, now }: SentenceFacts): string {
  const gravest = findings.filter(isOpen).sort((a, b) => RANK[a.severity] - RANK[b.severity])[0];
  if (gravest !== undefined && run.status !== 'completed') return gravest.sentence;
  switch (run.status) {
    case 'active':
      return activeSentence(run, promises, now);
    case 'completed':
      return endSentence(run, 'completed');
    case 'failed':
      return failedSentence(run);
    case 'compensated':
      return endSentence(run, 'was compensated');
    case 'cancelled':
      return endSentence(run, 'was cancelled');
    default:
      return unreachable(run.status);
  }
}

function activeSentence(run: Run, promises: readonly RunPromise[], now: UnixNs): string {
  const last = run.steps.at(-1);
  const ago = durationWords(ageMs(run.lastActivityAtNs, now));
  const place = last === undefined ? '' : `; last: ${stepWords(last)}`;
  const waits = unmet(promises)[0];
  if (waits === undefined) return `${title(run)} is running, last activity ${ago} ago${place}.`;
  const due = `due ${formatInstant(waits.dueAtNs)}, ${waits.origin}`;
  return `${title(run)} waits for ${promiseWords(waits)} (${due}), last activity ${ago} ago.`;
}

function failedSentence(run: Run): string {
  const failed = run.steps.findLast(({ step }) => step.status === 'error');
  if (failed === undefined) return endSentence(run, 'failed');
  const reason = failed.step.errorMessage === null ? '' : `: ${failed.step.errorMessage}`;
  return `${title(run)} failed after ${lengthWords(run)} at ${stepWords(failed)}${reason}.`;
}

function endSentence(run: Run, verb: string): string {
  const services = `${run.services.length} ${run.services.length === 1 ? 'service' : 'services'}`;
  return `${title(run)} ${verb} in ${lengthWords(run)}: ${run.steps.length} steps in ${services}.`;
}

/** `checkout 8123`: the workflow and the first key that names this run alone. */
function title(run: Run): string {
  const key = run.keys.find(({ relation }) => relation === 'same');
  return key === undefined ? run.workflow : `${run.workflow} ${key.value}`;
}

function stepWords({ step }: RunStep): string {
  return `${step.name} in ${step.service}`;
}

function lengthWords(run: Run): string {
  return durationWords(msFromNs((run.endedAtNs ?? run.lastActivityAtNs) - run.startedAtNs));
}
