import type { BrokerQueue, BrokerReading } from '@throughline/model/broker';
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

/** All brokers of the configuration: what each said last. */
export class BrokerWatch {
  readonly #deps: BrokerWatchDeps;
  readonly #pollers: readonly Poller[];
  readonly #silent = new Set<string>();
  /** What is saved of each broker, as text: it is written again only when that changes. */
  readonly #saved = new Map<string, string>();
  #readings: readonly BrokerReading[] | null = null;

  constructor(deps: BrokerWatchDeps) {
    this.#deps = deps;
    const { targets, clock, chance, store } = deps;
    const records = store.records('broker');
    this.#pollers = targets.map((target) => {
      const { name: broker, kind, everyMs } = target;
      const before = readingOf(records.get(broker), { broker, kind });
      const onReading = (reading: BrokerReading): void => this.#hear(reading);
      const probe = openProbe(target);
      return new Poller({ broker, kind, everyMs, probe, clock, chance, before, onReading });
    });
    for (const broker of records.keys()) this.#saved.set(broker, 'as it was saved');
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

  /** A restart must not close what a broker that is out of reach said: what may be wrong is remembered. */
  #save(reading: BrokerReading): void {
    const queues = reading.queues.filter(isTelling);
    const shape = queues.map((queue) => [
      queue.name,
      queue.group,
      queue.unattendedSinceNs !== null,
    ]);
    const text = JSON.stringify(shape);
    if ((this.#saved.get(reading.broker) ?? '[]') === text) return;
    this.#saved.set(reading.broker, text);
    if (queues.length === 0) return this.#forget(reading.broker);
    const { store } = this.#deps;
    // A store that cannot write says so itself, in /readyz.
    store
      .putRecord('broker', reading.broker, recordOf({ ...reading, queues }))
      .catch(() => undefined);
  }

  #forget(broker: string): void {
    this.#deps.store.deleteRecord('broker', broker).catch(() => undefined);
  }
}

function isTelling({ isDeadLetter, waiting, unsettled, ...queue }: BrokerQueue): boolean {
  if (isDeadLetter && waiting + unsettled > 0) return true;
  return queue.givenUp > 0 || queue.unattendedSinceNs !== null;
}
