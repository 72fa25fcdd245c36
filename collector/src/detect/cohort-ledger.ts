import type { RunId } from '@throughline/model/ids';
import type { Difference } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import type { Affected } from './affected.js';
import { differencesOf } from './difference.js';
import { messageName } from './occurrences.js';
import { flowOf, type Pledge } from './pledge.js';
import type { RunIndex } from './run-index.js';
import { TimeList } from './time-list.js';
import { traitsOf } from './trait.js';

/** Peers that are compared, the newest ones: more say no more. */
const PEERS_MAX = 2_000;

interface Passing extends Affected {
  readonly traits: readonly string[];
  readonly places: readonly string[];
}

/** Who passed which place, and what they are like. Depends on the set of runs only. */
export class CohortLedger {
  readonly #policy: Policy;
  readonly #passings = new Map<string, TimeList<Passing>>();
  readonly #ofRun = new Map<RunId, Passing>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  put(index: RunIndex): void {
    const { run } = index;
    this.remove(run.id);
    if (run.messages.length === 0) return;
    const workflow = flowOf(index, this.#policy.flows)?.workflow ?? run.workflow;
    const names = new Set(run.messages.map(messageName));
    const places = [...names].map((name) => placeKey(workflow, name));
    const passing = { runId: run.id, sinceNs: run.startedAtNs, traits: traitsOf(index), places };
    this.#ofRun.set(run.id, passing);
    for (const place of places) {
      const known = this.#passings.get(place) ?? new TimeList<Passing>();
      this.#passings.set(place, known);
      known.add(passing);
    }
  }

  remove(id: RunId): void {
    const passing = this.#ofRun.get(id);
    if (passing === undefined) return;
    this.#ofRun.delete(id);
    for (const place of passing.places) {
      const known = this.#passings.get(place);
      known?.delete(passing);
      if (known?.size === 0) this.#passings.delete(place);
    }
  }

  /**
   * What those that are held up have more often than those who passed there.
   *
   * @param owes whether the run still waits there, held up or not.
   */
  differences(
    { workflow, afterName }: Pick<Pledge, 'workflow' | 'afterName'>,
    held: Iterable<RunId>,
    owes: (id: RunId) => boolean,
  ): readonly Difference[] {
    const passings = this.#passings.get(placeKey(workflow, afterName));
    if (passings === undefined) return [];
    const ids = new Set(held);
    const peers: (readonly string[])[] = [];
    for (const { runId, traits } of passings.newestFirst()) {
      if (ids.has(runId) || owes(runId)) continue;
      peers.push(traits);
      if (peers.length === PEERS_MAX) break;
    }
    const some = [...ids].slice(0, PEERS_MAX);
    const own = some.flatMap((id) => {
      const passing = this.#ofRun.get(id);
      return passing === undefined ? [] : [passing.traits];
    });
    return differencesOf(own, peers);
  }
}

function placeKey(workflow: string, name: string): string {
  return `${workflow}\u0000${name}`;
}
