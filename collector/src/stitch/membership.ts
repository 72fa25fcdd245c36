import type { StepId } from '@throughline/model/ids';
import type { Provenance } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { belongsTo, byStart, type Group } from './group.js';
import { Lineage } from './lineage.js';
import type { Member } from './member.js';
import type { Ties } from './ties.js';
import type { Entry } from './trace-state.js';

/** Says of the steps of one run what the rest of the set says about them. */
export class Membership {
  readonly #ties: Ties;
  readonly #group: Group;
  readonly #lineage: Lineage;

  constructor(ties: Ties, group: Group) {
    this.#ties = ties;
    this.#group = group;
    this.#lineage = new Lineage((entry) => belongsTo(entry, group));
  }

  memberOf(entry: Entry): Member {
    const { step, trace } = entry;
    const group = this.#group;
    const parent = trace.parentOf(entry);
    const isChild = parent !== undefined && belongsTo(parent, group);
    const ancestor = isChild ? parent : this.#lineage.nearest(entry);
    const tie = this.#ties.tie(entry);
    const tiedTo = this.#tiedTo(entry);
    return {
      step,
      why: provenance(entry, tiedTo),
      ancestor: ancestor ? ancestor.step.id : null,
      isChild,
      tiedTo,
      tiedBy: tie?.by ?? null,
      causedFrom: parent && !isChild ? parent.step.service : null,
      isAnsweredElsewhere: step.role === 'call' && isAnsweredOutside(entry, group),
      takenElsewhere: step.role === 'send' ? this.#takingsOutside(entry) : NONE,
      isSentElsewhere: step.role === 'take' && isSentOutside(tie?.targets ?? NONE, parent, group),
    };
  }

  #tiedTo(entry: Entry): Member['tiedTo'] {
    const targets = this.#ties.tie(entry)?.targets;
    if (!targets) return NONE;
    return targets.filter((one) => belongsTo(one, this.#group)).map(idOf);
  }

  #takingsOutside(send: Entry): readonly Step[] {
    const outside: Entry[] = [];
    const look = (effect: Entry): void => {
      if (effect.step.role === 'take' && !belongsTo(effect, this.#group)) outside.push(effect);
    };
    for (const child of send.trace.childrenOf(send)) look(child);
    this.#ties.eachTiedTo(send, look);
    return outside.length === 0 ? NONE : [...new Set(outside)].sort(byStart).map(stepOf);
  }
}

const NONE: readonly never[] = [];

function stepOf({ step }: Entry): Step {
  return step;
}

function idOf({ step }: Entry): StepId {
  return step.id;
}

/** Some send led to it, and all that did are in other runs. */
function isSentOutside(
  targets: readonly Entry[],
  parent: Entry | undefined,
  group: Group,
): boolean {
  let isSent = parent?.step.role === 'send';
  if (parent && isSent && belongsTo(parent, group)) return false;
  for (const target of targets) {
    if (target.step.role !== 'send') continue;
    if (belongsTo(target, group)) return false;
    isSent = true;
  }
  return isSent;
}

function isAnsweredOutside(call: Entry, group: Group): boolean {
  for (const child of call.trace.childrenOf(call)) {
    if (child.step.role === 'serve' && !belongsTo(child, group)) return true;
  }
  return false;
}

/** @param tiedTo of a batch: the messages that this run, of all its runs, has part in. */
function provenance(entry: Entry, tiedTo: Member['tiedTo']): Provenance {
  const { via, ownKey, trace } = entry;
  switch (via.by) {
    case 'key':
      if (!ownKey) return { by: 'trace', of: trace.id };
      return ownKey.why;
    case 'link':
    case 'message-id':
      return { by: via.by, of: tiedTo[0] ?? via.target.step.id };
    case 'parent':
      return { by: via.by, of: via.target.step.id };
    case 'trace':
      return { by: 'trace', of: trace.id };
  }
}
