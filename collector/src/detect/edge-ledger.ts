import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { EdgeTraffic, edgeKey, type Entry } from './edge-traffic.js';
import { byDue, flowOf, pledgesOf, type OpenedPledge, type Pledge } from './pledge.js';
import { runLabel } from './run-label.js';
import { standstillOf, type MessageGlimpse } from './standstill.js';
import type { TrafficLedger } from './traffic-ledger.js';
import type { Reader, TypeTraffic } from './type-traffic.js';
import type { Surroundings } from './verdict/diagnosis.js';

interface Beside {
  readonly traffic: TrafficLedger;
  readonly now: UnixNs;
}

/** Every expectation with what all runs made of it. Depends on the set of runs only. */
export class EdgeLedger {
  readonly #edges = new Map<string, EdgeTraffic>();
  readonly #keysOfRun = new Map<RunId, ReadonlySet<string>>();

  /** Replaces what the run gave before. `touched` are the expectations that it met, then or now. */
  put(run: Run, policy: Policy, learned: readonly OpenedPledge[] = []) {
    const { graceMs } = policy.detect.stalled;
    const declared = pledgesOf(run, flowOf(run, policy.flows), graceMs);
    const opened = learned.length === 0 ? declared : [...declared, ...learned].sort(byDue);
    const touched = this.#replace(run.id, entriesOf(run, opened));
    return { pledges: opened.map(({ pledge }) => pledge), touched };
  }

  remove(runId: RunId): ReadonlySet<string> {
    return this.#replace(runId, []);
  }

  get(key: string): EdgeTraffic | undefined {
    return this.#edges.get(key);
  }

  /** What other runs show at the place where the promise waits. */
  around(pledge: Pledge, { traffic, now }: Beside): Surroundings {
    const edge = this.#edges.get(edgeKey(pledge));
    const known = new Map<TypeTraffic, ReadonlyMap<string, Reader>>();
    const readersOf = (message: MessageGlimpse): ReadonlyMap<string, Reader> => {
      const { system, destination, type: messageType } = message;
      const found = traffic.of({ system, destination, messageType });
      if (found === undefined) return NO_READERS;
      const readers = known.get(found) ?? traffic.readersOf(found);
      known.set(found, readers);
      return readers;
    };
    return {
      now,
      lastPassedOpenedAtNs: edge?.lastPassedOpenedAtNs() ?? null,
      passedCount: edge?.delays.count ?? 0,
      lastTakenAtNs: (message, service) => {
        const readers = readersOf(message);
        if (service !== null) return readers.get(service)?.lastAtNs ?? null;
        return [...readers.values()].map(({ lastAtNs }) => lastAtNs).sort(descending)[0] ?? null;
      },
      readersOf: (message) => [...readersOf(message).keys()].sort(),
      isReader: (service) => traffic.isReader(service),
    };
  }

  #replace(runId: RunId, entries: readonly Entry[]): ReadonlySet<string> {
    const byEdge = new Map<string, Entry[]>();
    for (const entry of entries) {
      const key = edgeKey(entry.pledge);
      byEdge.set(key, [...(byEdge.get(key) ?? []), entry]);
    }
    const touched = new Set([...(this.#keysOfRun.get(runId) ?? []), ...byEdge.keys()]);
    for (const key of touched) {
      const own = byEdge.get(key) ?? [];
      const edge = this.#edges.get(key) ?? (own[0] && new EdgeTraffic(own[0].pledge));
      if (edge === undefined) continue;
      this.#edges.set(key, edge);
      if (own[0]?.passage !== undefined) edge.follow(own[0].passage);
      edge.replace(runId, own);
    }
    if (byEdge.size === 0) this.#keysOfRun.delete(runId);
    else this.#keysOfRun.set(runId, new Set(byEdge.keys()));
    return touched;
  }
}

const NO_READERS: ReadonlyMap<string, Reader> = new Map();

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

function entriesOf(run: Run, opened: readonly OpenedPledge[]): Entry[] {
  const label = runLabel(run);
  const open = opened
    .filter(({ pledge }) => pledge.keptAtNs === null && !pledge.isCancelled)
    .map((each) => ({ pledge: each.pledge, still: standstillOf(run, each) }));
  return opened.filter(isBooked).map((each) => {
    const { pledge, passage } = each;
    return {
      pledge,
      ...(passage === undefined ? {} : { passage }),
      label,
      still: open.find((other) => other.pledge === pledge)?.still ?? null,
      later: open.filter((other) => other.pledge !== pledge && mayExplain(other.pledge, pledge)),
      reactedServices: reactedServices(each, opened, run),
      hasCompleted: run.status === 'completed',
    };
  });
}

/** Learned promises that were kept are counted by whoever learned them; and being late breaks nobody's word. */
function isBooked({ pledge }: OpenedPledge): boolean {
  return pledge.origin !== 'learned' || pledge.keptAtNs === null;
}

/** A promise opened later lies behind the earlier one; any promise lies behind that of the whole run. */
function mayExplain(other: Pledge, pledge: Pledge): boolean {
  if (other.form === 'end') return false;
  return pledge.form === 'end' || other.openedAtNs > pledge.openedAtNs;
}

/** Others that were to react to the same opening and did; once the run is complete, whoever took it. */
function reactedServices(
  { pledge, opening }: OpenedPledge,
  opened: readonly OpenedPledge[],
  run: Run,
): readonly string[] {
  if (pledge.by === null || pledge.keptAtNs !== null) return [];
  // A handler that took it and fell silent did react: nothing is missing from the fan-out.
  if (pledge.origin === 'learned' && pledge.form !== 'take') return [];
  const declared = opened
    .filter((other) => other.opening === opening && other.pledge.keptAtNs !== null)
    .flatMap((other) => other.pledge.by ?? []);
  const takers = run.status === 'completed' ? (opening.message?.takenByServices ?? []) : [];
  return [...new Set([...declared, ...takers])].filter((service) => service !== pledge.by).sort();
}
