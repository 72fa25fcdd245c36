import { msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import { DelaySketch } from './delay-sketch.js';

/** What comes later than this is history that somebody reads in, and no telemetry that is late. */
const HISTORY_MS = 600_000;
/** Reports are remembered for this long at least, and for twice as long at most. */
const GENERATION_NS = nsFromMs(1_800_000);
/** So many reports have to be known before anything follows from them. */
const REPORTS_MIN = 100;
/** Nearly the latest of them, with some reserve. */
const QUANTILE = 0.99;
const RESERVE = 1.1;
const ALLOWANCE_MS_MAX = 120_000;
/** It is reckoned anew when so much more is known. */
const GROWTH = 1.25;

/** How late the reports of one service have been. */
class ServiceLateness {
  #young = new DelaySketch();
  #old = new DelaySketch();
  #sinceNs = 0n;
  #reckonAt = REPORTS_MIN;
  #allowanceMs = 0;

  note(lateMs: number, arrivedNs: UnixNs): void {
    if (arrivedNs - this.#sinceNs > GENERATION_NS) this.#turn(arrivedNs);
    this.#young.add(lateMs);
  }

  /** Milliseconds. */
  get allowanceMs(): number {
    const count = this.#young.count + this.#old.count;
    if (count < this.#reckonAt) return this.#allowanceMs;
    this.#reckonAt = Math.ceil(count * GROWTH);
    const late = [this.#young, this.#old].map((sketch) => sketch.quantileMs(QUANTILE) ?? 0);
    this.#allowanceMs = Math.min(ALLOWANCE_MS_MAX, RESERVE * Math.max(...late));
    return this.#allowanceMs;
  }

  #turn(arrivedNs: UnixNs): void {
    this.#old = this.#young;
    this.#young = new DelaySketch();
    this.#sinceNs = arrivedNs;
    this.#reckonAt = REPORTS_MIN;
  }
}

/**
 * How long after its end a step is reported, service by service. What argues from absence has to wait as long as that:
 * where reports take a minute, nothing is missing that is not a minute overdue. It depends on the stored bodies and on when
 * they came, hence it is the same after a restart.
 */
export class ReportLateness {
  readonly #ofService = new Map<string, ServiceLateness>();
  readonly #all = new ServiceLateness();

  note(service: string, endedNs: UnixNs, arrivedNs: UnixNs): void {
    const lateMs = Math.max(0, msFromNs(arrivedNs - endedNs));
    if (lateMs > HISTORY_MS) return;
    this.#all.note(lateMs, arrivedNs);
    let own = this.#ofService.get(service);
    if (own === undefined) this.#ofService.set(service, (own = new ServiceLateness()));
    own.note(lateMs, arrivedNs);
  }

  /** How long a report of the service may take, in milliseconds; of all services together for null. */
  allowanceMs(service: string | null): number {
    const all = this.#all.allowanceMs;
    if (service === null) return all;
    return Math.max(all, this.#ofService.get(service)?.allowanceMs ?? 0);
  }
}
