import type { NextStep } from '@throughline/model/finding';
import type { Key } from '@throughline/model/key';
import { CORRELATION_KEY } from '@throughline/model/key';
import { msFromNs } from '@throughline/model/time';
import type { ActElsewhere } from '../half-ledger.js';
import type { SpelledKey } from '../half-run.js';
import { formsOf } from '../key-forms.js';
import type { Pledge } from '../pledge.js';
import type { Standstill } from '../standstill.js';
import { durationText, quotedText } from '../wording.js';
import type { Diagnosis, Judge, Words } from './diagnosis.js';

/**
 * The promised service did act, under a key that this run does not have: what is one execution came out as two half
 * runs. The test is not whether somebody acted on something like it, but that the act lacks its beginning where it is.
 */
export const keyMismatch: Judge = (pledge, still, around) => {
  if (still.act !== null && still.act.skippedReason !== null) return null;
  const found = around.actElsewhere(pledge, still);
  return found === null ? null : mismatch(found, pledge, still);
};

function mismatch(found: ActElsewhere, pledge: Pledge, still: Standstill): Diagnosis {
  const pair = pairOf(still.keys, found.half.keys);
  const { act, half } = found;
  return {
    verdict: 'key-mismatch',
    cause: JSON.stringify([act.service, pair.kind, pair.own?.type, pair.other?.type]),
    blockedBy: half.runId,
    words: () => wordsOf(found, pair, pledge),
  };
}

/** How the key of the waiting run and that of the other half differ. */
interface Pair {
  readonly kind: 'type' | 'spelling' | 'value' | 'none';
  readonly own: Key | null;
  readonly other: SpelledKey | null;
}

function pairOf(keys: readonly Key[], others: readonly SpelledKey[]): Pair {
  const own = keys.filter(isSame);
  const there = others.filter(isSame);
  for (const kind of ['type', 'spelling'] as const) {
    for (const a of own) {
      for (const b of there) if (isAlike(kind, a, b)) return { kind, own: a, other: b };
    }
  }
  const [first] = own;
  const other = there.find(({ type }) => type === first?.type) ?? there[0] ?? null;
  return { kind: other === null ? 'none' : 'value', own: first ?? null, other };
}

function isSame({ relation }: Key): boolean {
  return relation === 'same';
}

function isAlike(kind: 'type' | 'spelling', a: Key, b: Key): boolean {
  if (kind === 'type') return a.value === b.value;
  const forms = new Set(formsOf(a.value));
  return formsOf(b.value).some((form) => forms.has(form));
}

function wordsOf(found: ActElsewhere, pair: Pair, pledge: Pledge): Words {
  const { half, act, kind } = found;
  const attribute = pair.other?.attribute ?? null;
  const laterMs = Math.max(0, msFromNs(act.atNs - pledge.openedAtNs));
  const did = `${act.service} ${kind} ${act.name} ${durationText(laterMs)} after that`;
  return {
    clause: `${did}, ${howText(pair)}: the two halves are two runs`,
    evidence: [
      { text: TIED_TEXT[found.by] },
      { text: 'keys of this run', value: keyText(pair.own) },
      {
        text: `keys of ${half.label}, where ${act.service} ${kind} ${act.name}`,
        value: keyText(pair.other),
        link: `/runs/${half.runId}?sel=${act.stepId}`,
      },
      ...(attribute === null ? [] : [{ text: `${act.service} says it in`, value: attribute }]),
    ],
    next: [
      nextStep(pair, act.service),
      { text: 'open the other half', command: `throughline run ${half.runId}` },
    ],
  };
}

const TIED_TEXT = {
  message: 'it is the same message: link or message id say so',
  content: 'it is the same message: the hash of its content says so',
  handler: 'it was sent while the message of this run was handled',
  key: 'the other half has no beginning, and its key differs in type or spelling only',
} as const;

function howText({ kind, own, other }: Pair): string {
  const [mine, theirs] = [keyText(own), keyText(other)];
  switch (kind) {
    case 'type':
      return `but calls the key ${theirs} where this run has ${mine}`;
    case 'spelling':
      return `but spells the key ${theirs} where this run has ${mine}`;
    case 'value':
      return `but under the key ${theirs} where this run has ${mine}`;
    case 'none':
      return `but without a key where this run has ${mine}`;
  }
}

function nextStep({ kind, own, other }: Pair, service: string): NextStep {
  const attribute = other?.attribute ?? null;
  if (kind === 'type' && attribute !== null) {
    return {
      text: `add { attribute: ${attribute}, type: ${own?.type ?? CORRELATION_KEY}, relation: same } to correlation.keys`,
      command: 'throughline config reload',
    };
  }
  const where = attribute === null ? '' : ` in ${attribute}`;
  if (kind === 'spelling' || kind === 'type') {
    return {
      text: `let ${service} hand the key on as it came${where}: ${keyText(own)}, not ${keyText(other)}`,
    };
  }
  return {
    text: `let ${service} hand on ${keyText(own)} of the message that it takes; if it begins a run of its own, let it say so in throughline.child_of.${own?.type ?? CORRELATION_KEY}`,
  };
}

function keyText(key: Key | null): string {
  return key === null ? 'none' : `${key.type} "${quotedText(key.value)}"`;
}
