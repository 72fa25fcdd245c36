import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { BrokerLedger } from './broker-ledger.js';
import { brokerEvidence } from './broker-words.js';
import { EdgeTraffic, edgeKey } from './edge-traffic.js';
import { entriesOf, type Entry, type Patience } from './entry.js';
import type { HalfLedger } from './half-ledger.js';
import { byDue, type OpenedPledge, type Pledge } from './pledge.js';
import type { Reader } from './reader.js';
import type { RunIndex } from './run-index.js';
import type { MessageGlimpse } from './standstill.js';
import type { TrafficLedger } from './traffic-ledger.js';
import type { TypeTraffic } from './type-traffic.js';
import type { Surroundings } from './verdict/diagnosis.js';

interface Beside {
  readonly traffic: TrafficLedger;
  readonly brokers: BrokerLedger;
  readonly halves: HalfLedger;
  readonly now: UnixNs;
}

/** What was promised of a run, by those who declared it and by those who learned it. */
export interface Promised {
  readonly declared: readonly OpenedPledge[];
  readonly learned: readonly OpenedPledge[];
}

/** All of them, in order of due time. */
export function allPromised({ declared, learned }: Promised): readonly OpenedPledge[] {
  return learned.length === 0 ? declared : [...declared, ...learned].sort(byDue);
}

/** Every expectation with what all runs made of it. Depends on the set of runs only. */
export class EdgeLedger {
  readonly #edges = new Map<string, EdgeTraffic>();
  readonly #keysOfRun = new Map<RunId, readonly string[]>();

  /** Replaces what the run gave before. @returns the expectations that it met, then or now. */
  put(index: RunIndex, promised: Promised, patience: Patience): readonly string[] {
    const opened = allPromised(promised);
    const { id } = index.run;
    return this.#replace(id, opened.length === 0 ? [] : entriesOf(index, opened, patience));
  }

  remove(runId: RunId): readonly string[] {
    return this.#replace(runId, []);
  }

  get(key: string): EdgeTraffic | undefined {
    return this.#edges.get(key);
  }

  /** The expectations that the run met. */
  ofRun(runId: RunId): readonly string[] {
    return this.#keysOfRun.get(runId) ?? NO_KEYS;
  }

  /** Expectations that are not kept somewhere, of one of the services or of nobody in particular. */
  *awaiting(services: ReadonlySet<string>): Iterable<string> {
    if (services.size === 0) return;
    for (const [key, { by, isUnkept }] of this.#edges) {
      if (isUnkept && (by === null || services.has(by))) yield key;
    }
  }

  /** What the run still owes, in order of due time. */
  openOf(runId: RunId): readonly Pledge[] {
    const open = this.ofRun(runId).flatMap((key) => this.#edges.get(key)?.openOf(runId) ?? []);
    return open.sort((a, b) => (a.dueAtNs < b.dueAtNs ? -1 : 1));
  }

  /** What other runs show at the place where the promise waits. */
  around(pledge: Pledge, { traffic, brokers, halves, now }: Beside): Surroundings {
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
      brokerSays: (message) => brokerEvidence(brokers.holding(message), now),
      lastPassedOpenedAtNs: edge?.lastPassedOpenedAtNs() ?? null,
      passedCount: edge?.delays.count ?? 0,
      usualMs: edge?.delays.quantileMs(0.95) ?? 0,
      sentSince: ({ system, destination, type: messageType }, atNs) =>
        traffic.of({ system, destination, messageType })?.sentBetween(atNs, now) ?? 0,
      lastTakenAtNs: (message, service) => {
        const readers = readersOf(message);
        if (service !== null) return readers.get(service)?.lastAtNs ?? null;
        let last: UnixNs | null = null;
        for (const { lastAtNs } of readers.values()) {
          if (last === null || lastAtNs > last) last = lastAtNs;
        }
        return last;
      },
      readersOf: (message) => [...readersOf(message).keys()].sort(),
      reads: (message, service) => readersOf(message).has(service),
      isReader: (service) => traffic.isReader(service),
      actElsewhere: (promised, still) => halves.actElsewhere(promised, still),
    };
  }

  #replace(runId: RunId, entries: readonly Entry[]): readonly string[] {
    const before = this.#keysOfRun.get(runId) ?? NO_KEYS;
    if (entries.length === 0 && before.length === 0) return NO_KEYS;
    const byEdge = new Map<string, Entry[]>();
    for (const key of before) byEdge.set(key, []);
    for (const entry of entries) {
      const key = edgeKey(entry.pledge);
      const own = byEdge.get(key);
      if (own === undefined) byEdge.set(key, [entry]);
      else own.push(entry);
    }
    for (const [key, own] of byEdge) this.#file(key, runId, own);
    const touched = [...byEdge.keys()];
    const after = touched.filter((key) => byEdge.get(key)?.length !== 0);
    if (after.length === 0) this.#keysOfRun.delete(runId);
    else this.#keysOfRun.set(runId, after);
    return touched;
  }

  #file(key: string, runId: RunId, own: readonly Entry[]): void {
    const [first] = own;
    const edge = this.#edges.get(key) ?? (first && new EdgeTraffic(first.pledge));
    if (edge === undefined) return;
    this.#edges.set(key, edge);
    if (first?.passage !== undefined) edge.follow(first.passage);
    edge.replace(runId, own);
    if (edge.isEmpty) this.#edges.delete(key);
  }
}

const NO_KEYS: readonly string[] = [];
const NO_READERS: ReadonlyMap<string, Reader> = new Map();
