import type { BrokerQueue, BrokerReading } from '@throughline/model/broker';
import { nsFromMs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import type { BrokerTarget } from '../config/config.js';
import type { FactStore } from '../store/fact-store.js';
import { openProbe } from './open-probe.js';
import { Poller } from './poller.js';
import { readingOf, recordOf } from './reading-record.js';

export interface BrokerWatchDeps {
  readonly targets: readonly BrokerTarget[];
  readonly clock: Clock;
  readonly chance: () => number;
  readonly store: Pick<FactStore, 'records' | 'putRecord' | 'deleteRecord'>;
  /** Called when `readings` says something new. */
  readonly onReading: () => void;
  /** Told, in a sentence, when a broker stops answering or answers again. */
  readonly report: (sentence: string) => void;
}

interface Saved {
  readonly count: number;
  readonly atNs: bigint;
}

const NEVER_SAVED: Saved = { count: 0, atNs: 0n };
const YOUNG_NS = nsFromMs(10 * 60_000);
const SAVE_NS = nsFromMs(60_000);

/** All brokers of the configuration: what each said last. */
export class BrokerWatch {
  readonly #deps: BrokerWatchDeps;
  readonly #pollers: readonly Poller[];
  readonly #silent = new Set<string>();
  /** When what was saved of each broker, and how many queues. */
  readonly #saved = new Map<string, Saved>();
  #readings: readonly BrokerReading[] | null = null;

  constructor(deps: BrokerWatchDeps) {
    this.#deps = deps;
    const { targets, clock, chance, store } = deps;
    const records = store.records('broker');
    this.#pollers = targets.map((target) => {
      const { name: broker, kind, everyMs } = target;
      const before = readingOf(records.get(broker), { broker, kind });
      const onReading = (reading: BrokerReading): void => this.#hear(reading);
      const probe = openProbe(target, clock);
      return new Poller({ broker, kind, everyMs, probe, clock, chance, before, onReading });
    });
    for (const broker of records.keys()) this.#saved.set(broker, { count: Infinity, atNs: 0n });
    const names = new Set(targets.map(({ name }) => name));
    for (const broker of records.keys()) if (!names.has(broker)) this.#forget(broker);
  }

  /** The same list until one of them changes. */
  readings(): readonly BrokerReading[] {
    this.#readings ??= this.#pollers.map(({ reading }) => reading);
    return this.#readings;
  }

  start(): void {
    for (const poller of this.#pollers) poller.start();
  }

  close(): void {
    for (const poller of this.#pollers) poller.close();
  }

  #hear(reading: BrokerReading): void {
    this.#readings = null;
    this.#tell(reading);
    if (reading.noData === null) this.#save(reading);
    this.#deps.onReading();
  }

  #tell({ broker, kind, noData }: BrokerReading): void {
    if (noData === null) {
      if (this.#silent.delete(broker)) this.#deps.report(`The broker ${broker} answers again`);
      return;
    }
    if (this.#silent.has(broker)) return;
    this.#silent.add(broker);
    this.#deps.report(`There is no data of the broker ${broker} (${kind}): ${noData.reason}`);
  }

  /**
   * A restart must not close what a broker that is out of reach said: what may be wrong is remembered, at every look
   * while it is young, for its age decides whether it is told.
   */
  #save(reading: BrokerReading): void {
    const { broker, observedAtNs } = reading;
    const queues = reading.queues.filter(isTelling);
    const last = this.#saved.get(broker) ?? NEVER_SAVED;
    if (queues.length === 0) {
      if (last.count > 0) this.#forget(broker);
      this.#saved.delete(broker);
      return;
    }
    const nowNs = observedAtNs ?? 0n;
    const isYoung = queues.some(({ heldSinceNs }) => nowNs - (heldSinceNs ?? nowNs) < YOUNG_NS);
    if (!isYoung && last.count === queues.length && nowNs - last.atNs < SAVE_NS) return;
    this.#saved.set(broker, { count: queues.length, atNs: nowNs });
    const { store } = this.#deps;
    // A store that cannot write says so itself, in /readyz.
    store.putRecord('broker', broker, recordOf({ ...reading, queues })).catch(() => undefined);
  }

  #forget(broker: string): void {
    this.#deps.store.deleteRecord('broker', broker).catch(() => undefined);
  }
}

function isTelling({ isDeadLetter, waiting, unsettled, ...queue }: BrokerQueue): boolean {
  if (isDeadLetter && waiting + unsettled > 0) return true;
  return queue.givenUp > 0 || queue.unattendedSinceNs !== null;
}
