import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { RunMessage } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { Affected } from '../affected.js';
import { DeclaredTraffic } from '../declared-traffic.js';
import { always, type Verdicts } from '../judging.js';
import { messageName } from '../occurrences.js';
import { contractDrift } from '../rules/contract-drift.js';
import type { RuleView } from '../rules/rule-view.js';
import type { RunIndex } from '../run-index.js';
import { TimeList } from '../time-list.js';
import { sizeOf } from './payload-size.js';
import type { Watch, Watched } from './watch.js';

/** The first message of a kind in a run, by what its contract can be told from. */
export interface Sample extends Affected {
  /** Empty: it named none. */
  readonly version: string;
  readonly bytes: number | null;
  readonly producerVersion: string | null;
  /** Whoever took it and was done with it, and who of them failed. */
  readonly takenCount: number;
  readonly failedBy: readonly string[];
}

/** Samples that are alike in one trait. */
export interface Variant {
  readonly samples: TimeList<Sample>;
  takenCount: number;
  failedCount: number;
}

/** What one service sends to one destination under one type. */
export interface Contract {
  readonly producer: string;
  readonly system: string;
  readonly destination: string;
  readonly messageType: string | null;
  readonly name: string;
  /** The documents say what the service sends there, and this type is not among it. */
  readonly undeclaredIn: string | null;
  readonly samples: TimeList<Sample>;
  readonly byVersion: Map<string, Variant>;
  /** By the size of the payload, in powers of three bytes. */
  readonly bySize: Map<number, Variant>;
  readonly sampleOf: (id: RunId) => Sample | undefined;
}

/** Remembers in which versions and sizes messages come. */
export class ContractWatch implements Watch {
  readonly #declared: DeclaredTraffic;
  readonly #contracts = new Map<string, Contract>();
  readonly #ofRun = new Map<RunId, ReadonlyMap<string, Sample>>();

  constructor({ declared }: Policy) {
    this.#declared = new DeclaredTraffic(declared);
  }

  put({ index }: Watched): Iterable<string> {
    const { run } = index;
    if (run.messages.length === 0 && !this.#ofRun.has(run.id)) return NO_KEYS;
    const touched = new Set(this.remove(run.id));
    const share = new Map<string, Sample>();
    for (const message of run.messages) {
      if (message.sentByService === null || message.sentAtNs === null) continue;
      const key = keyOf(message);
      if (share.has(key)) continue;
      const contract = this.#contracts.get(key) ?? this.#begun(key, message);
      this.#contracts.set(key, contract);
      const sample = sampleOf(message, index);
      share.set(key, sample);
      count(contract, sample);
      if (isTelling(contract)) touched.add(key);
    }
    if (share.size > 0) this.#ofRun.set(run.id, share);
    return touched;
  }

  remove(id: RunId): Iterable<string> {
    const share = this.#ofRun.get(id);
    if (share === undefined) return NO_KEYS;
    this.#ofRun.delete(id);
    const touched: string[] = [];
    for (const [key, sample] of share) {
      const contract = this.#contracts.get(key);
      if (contract === undefined) continue;
      if (isTelling(contract)) touched.push(key);
      discount(contract, sample);
      if (contract.samples.size === 0) this.#contracts.delete(key);
    }
    return touched;
  }

  *ofRun(id: RunId): Iterable<string> {
    yield* this.#ofRun.get(id)?.keys() ?? NO_KEYS;
  }

  judge(subject: string, view: RuleView, now: UnixNs): Verdicts {
    const contract = this.#contracts.get(subject);
    if (contract === undefined) return always(null);
    const { undeclaredIn } = contract;
    const isComparable = undeclaredIn !== null && this.#isComparable(contract);
    const known = isComparable ? contract : { ...contract, undeclaredIn: null };
    return contractDrift(known, view, now);
  }

  /** Another type of the same service at the same place has the name that the document gives it. */
  #isComparable({ producer, system, destination }: Contract): boolean {
    for (const other of this.#contracts.values()) {
      if (other.producer !== producer || other.system !== system) continue;
      if (other.destination !== destination || other.undeclaredIn !== null) continue;
      if (this.#declared.knowsType({ ...other, kind: 'send', service: producer })) return true;
    }
    return false;
  }

  #begun(key: string, message: RunMessage): Contract {
    const { system, destination, type: messageType, sentByService } = message;
    const producer = sentByService ?? '';
    const seen = { kind: 'send', service: producer, system, destination, messageType } as const;
    const place = this.#declared.placeOf(seen);
    const isKnown = messageType === null || this.#declared.knowsType(seen);
    const speaks = place !== null && place.messageTypes.length > 0 && !isKnown;
    const ofRun = this.#ofRun;
    return {
      producer,
      system,
      destination,
      messageType,
      name: messageName(message),
      undeclaredIn: speaks ? place.origin : null,
      samples: new TimeList(),
      byVersion: new Map(),
      bySize: new Map(),
      sampleOf: (id) => ofRun.get(id)?.get(key),
    };
  }
}

const NO_KEYS: readonly string[] = [];
const NOBODY: readonly string[] = [];

/** There is something to compare. */
function isTelling({ undeclaredIn, byVersion, bySize }: Contract): boolean {
  return undeclaredIn !== null || byVersion.size > 1 || bySize.size > 1;
}

function keyOf({ sentByService, system, destination, type }: RunMessage): string {
  return `${sentByService ?? ''}\u0000${system}\u0000${destination}\u0000${type ?? '\u0000'}`;
}

function sampleOf(message: RunMessage, { run, steps }: RunIndex): Sample {
  const takings = message.takenBy.flatMap((id) => steps.get(id)?.step ?? []);
  const done = takings.filter(({ isPending, role }) => !isPending && role === 'take');
  const failed = done.filter(({ status }) => status === 'error');
  const sender = message.sentBy === null ? undefined : steps.get(message.sentBy)?.step;
  return {
    runId: run.id,
    sinceNs: message.sentAtNs ?? run.startedAtNs,
    version: message.version ?? '',
    bytes: message.payload?.bytes ?? null,
    producerVersion: sender?.serviceVersion ?? null,
    takenCount: done.length,
    failedBy: failed.length === 0 ? NOBODY : [...new Set(failed.map(({ service }) => service))],
  };
}

function count(contract: Contract, sample: Sample): void {
  contract.samples.add(sample);
  add(contract.byVersion, sample.version, sample);
  const size = sizeOf(sample);
  if (size !== null) add(contract.bySize, size, sample);
}

function discount(contract: Contract, sample: Sample): void {
  contract.samples.delete(sample);
  takeOut(contract.byVersion, sample.version, sample);
  const size = sizeOf(sample);
  if (size !== null) takeOut(contract.bySize, size, sample);
}

function add<K>(variants: Map<K, Variant>, key: K, sample: Sample): void {
  const variant = variants.get(key) ?? { samples: new TimeList(), takenCount: 0, failedCount: 0 };
  variants.set(key, variant);
  variant.samples.add(sample);
  variant.takenCount += sample.takenCount;
  variant.failedCount += sample.failedBy.length;
}

function takeOut<K>(variants: Map<K, Variant>, key: K, sample: Sample): void {
  const variant = variants.get(key);
  if (variant?.samples.delete(sample) !== true) return;
  variant.takenCount -= sample.takenCount;
  variant.failedCount -= sample.failedBy.length;
  if (variant.samples.size === 0) variants.delete(key);
}
