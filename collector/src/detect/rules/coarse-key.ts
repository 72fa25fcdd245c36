import type { CoarseKey } from '@throughline/model/coarse-key';
import type { RunId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { findingId } from '../finding-id.js';
import { listText, quotedText, several } from '../wording.js';
import type { Judged } from './judged.js';
import type { Affected } from '../affected.js';
import type { Crowd } from '../crowd.js';
import { affectedRuns } from './affected-runs.js';
import { ownerOf, type RuleView } from './rule-view.js';

/** Values of `same` keys that some step of the run has, and that were not allowed to tie runs. */
export function demotedKeys(run: Run): ReadonlySet<string> {
  let demoted: Set<string> | null = null;
  for (const { step } of run.steps) {
    for (const key of step.keys) {
      if (key.relation !== 'same' || isHeld(run, key)) continue;
      demoted ??= new Set();
      demoted.add(keyName(key.type, key.value));
    }
  }
  return demoted ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();

/** A run has few keys of its own: looking through them beats an index. */
function isHeld({ keys }: Run, { type, value }: Key): boolean {
  return keys.some((k) => k.value === value && k.type === type && k.relation === 'same');
}

export function keyName(type: string, value: string): string {
  return JSON.stringify([type, value]);
}

export interface KeyFound {
  readonly key: CoarseKey;
  /** Null when no run has it. */
  readonly affected: Crowd<Affected> | null;
}

/** Correlation itself is broken: a key value would glue many runs together, and was demoted. */
export function coarseKey(found: KeyFound, view: RuleView, now: UnixNs): Judged {
  const { key, affected } = found;
  const services = [...key.services].sort();
  const runs = affected === null ? nobody(now) : affectedRuns(affected);
  const { members, newestNs, ...shown } = runs;
  const value = quotedText(key.value);
  const why = whyCoarse(key);
  const text = `let ${listText(services)} set a ${key.type} that names one run, or declare the key as "touches"`;
  return {
    members,
    newestNs,
    statement: {
      ...shown,
      id: findingId('coarse-key', key.type, key.value),
      rule: 'coarse-key',
      severity: 'warning',
      subject: { kind: 'key', id: `${key.type}:${key.value}`, label: `${key.type} ${value}` },
      workflow: null,
      where: listText(services),
      verdict: null,
      sentence: `The key ${key.type} "${value}" of ${listText(services)} would glue ${several(shown.runsAffected, 'run')} into one: ${why}. It no longer ties runs. Next: ${text}.`,
      evidence: [
        { text: 'runs that have it', value: shown.runsAffected },
        ...(key.partnerType === null
          ? []
          : [{ text: `values of ${key.partnerType} that it met`, value: key.partnerCount }]),
      ],
      next: [{ text }],
      owner: ownerOf(view.policy, services[0] ?? null),
      confidence: 1,
    },
  };
}

function whyCoarse({ reason, partnerType, partnerCount }: CoarseKey): string {
  switch (reason) {
    case 'placeholder':
      return 'it stands for "no value"';
    case 'partners':
      return `it met ${several(partnerCount, `different ${partnerType ?? 'other'} key`)}`;
    case 'starts':
      return `${several(partnerCount, 'request')} of one kind came in with it`;
  }
}

function nobody(now: UnixNs) {
  return {
    runIds: [],
    runsAffected: 0,
    members: new Set<RunId>(),
    sinceNs: now,
    newestNs: now,
  };
}
