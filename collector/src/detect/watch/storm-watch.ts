import type { RunId } from '@throughline/model/ids';
import type { RunMessage } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { always, type Verdicts } from '../judging.js';
import { messageName } from '../occurrences.js';
import { eventStorm, STORM_DEFAULTS } from '../rules/event-storm.js';
import type { RuleView } from '../rules/rule-view.js';
import { runLabel } from '../run-label.js';
import { TimeList } from '../time-list.js';
import { familyOf, type Caused } from './caused.js';
import type { Watch, Watched } from './watch.js';

/** Messages of one type in one workflow: how many others each led to. */
export interface FanOut {
  readonly workflow: string;
  readonly name: string;
  readonly system: string;
  readonly destination: string;
  /** In order of their sending, at most one of each run. */
  readonly caused: TimeList<Caused>;
  /** How many of them led to enough to be worth a comparison. */
  bigCount: number;
}

/** Remembers how much messages of each type lead to. */
export class StormWatch implements Watch {
  readonly #floor: number;
  readonly #fanOuts = new Map<string, FanOut>();
  readonly #ofRun = new Map<RunId, ReadonlyMap<string, Caused>>();

  constructor(floor: number = STORM_DEFAULTS.floor) {
    this.#floor = floor;
  }

  put(watched: Watched): Iterable<string> {
    const { run } = watched.index;
    const before = this.#ofRun.get(run.id);
    if (run.messages.length === 0 && before === undefined) return NO_KEYS;
    const touched = new Set(this.remove(run.id));
    const after = new Map<string, Caused>();
    for (const [message, caused] of this.#most(watched)) {
      const key = keyOf(run.workflow, message);
      const fanOut = this.#fanOuts.get(key) ?? begun(run.workflow, message);
      this.#fanOuts.set(key, fanOut);
      fanOut.caused.add(caused);
      if (this.#isBig(caused)) fanOut.bigCount += 1;
      after.set(key, caused);
      if (fanOut.bigCount > 0) touched.add(key);
    }
    if (after.size > 0) this.#ofRun.set(run.id, after);
    return touched;
  }

  remove(id: RunId): Iterable<string> {
    const before = this.#ofRun.get(id);
    if (before === undefined) return NO_KEYS;
    this.#ofRun.delete(id);
    const touched: string[] = [];
    for (const [key, caused] of before) {
      const fanOut = this.#fanOuts.get(key);
      if (fanOut === undefined) continue;
      fanOut.caused.delete(caused);
      if (fanOut.bigCount > 0) touched.push(key);
      if (this.#isBig(caused)) fanOut.bigCount -= 1;
      if (fanOut.caused.size === 0) this.#fanOuts.delete(key);
    }
    return touched;
  }

  *ofRun(id: RunId): Iterable<string> {
    for (const [key, caused] of this.#ofRun.get(id) ?? []) if (this.#isBig(caused)) yield key;
  }

  judge(subject: string, view: RuleView, now: UnixNs): Verdicts {
    const fanOut = this.#fanOuts.get(subject);
    if (fanOut === undefined || fanOut.bigCount === 0) return always(null);
    return eventStorm(fanOut, view, now);
  }

  #isBig({ count }: Caused): boolean {
    return count >= this.#floor;
  }

  /** Of each type, the message that led to most; of several the first. */
  #most({ index }: Watched): Iterable<readonly [RunMessage, Caused]> {
    const { run } = index;
    const family = familyOf(index);
    const most = new Map<string, RunMessage>();
    for (const message of family.sends) {
      if (message.sentAtNs === null) continue;
      const key = keyOf('', message);
      const known = most.get(key);
      if (known === undefined || family.countOf(message) > family.countOf(known)) {
        most.set(key, message);
      }
    }
    return [...most.values()].map((message) => {
      const count = family.countOf(message);
      const isBig = count >= this.#floor;
      const caused: Caused = {
        runId: run.id,
        sinceNs: message.sentAtNs ?? run.startedAtNs,
        count,
        detail: isBig ? family.detailOf(message, runLabel(run)) : null,
      };
      return [message, caused];
    });
  }
}

const NO_KEYS: readonly string[] = [];

function keyOf(workflow: string, { system, destination, type }: RunMessage): string {
  return `${workflow}\u0000${system}\u0000${destination}\u0000${type ?? '\u0000'}`;
}

function begun(workflow: string, message: RunMessage): FanOut {
  const { system, destination } = message;
  const name = messageName(message);
  return { workflow, name, system, destination, caused: new TimeList<Caused>(), bigCount: 0 };
}
