import type { AlertCause } from '@throughline/model/alert';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { condition } from './condition.js';

/** No sweep for so long means that evaluation stands still. */
const STILL_MS = 10_000;

export interface EvaluationState {
  readonly state: 'ok' | 'error';
  /** Null before the first. */
  readonly lastRanAtNs: UnixNs | null;
  /** Since when it fails; null while it does not. */
  readonly failingSinceNs: UnixNs | null;
  readonly error: string | null;
  readonly runs: number;
  readonly failures: number;
}

/** Whether what is found is compared with what is told, and when it was last. */
export class EvaluationHealth {
  #lastRanAtNs: UnixNs | null = null;
  #failingSinceNs: UnixNs | null = null;
  #error: string | null = null;
  #runs = 0;
  #failures = 0;

  /** @returns whether this error is news. */
  ended(now: UnixNs, error: string | null): boolean {
    const isNews = error !== null && error !== this.#error;
    this.#runs += 1;
    this.#error = error;
    if (error === null) {
      this.#lastRanAtNs = now;
      this.#failingSinceNs = null;
    } else {
      this.#failures += 1;
      this.#failingSinceNs ??= now;
    }
    return isNews;
  }

  state(now: UnixNs): EvaluationState {
    const lastNs = this.#lastRanAtNs;
    const isStill = lastNs !== null && now - lastNs > nsFromMs(STILL_MS);
    return {
      state: this.#error !== null || isStill ? 'error' : 'ok',
      lastRanAtNs: lastNs,
      failingSinceNs: this.#failingSinceNs ?? (isStill ? lastNs : null),
      error: this.#error ?? (isStill ? 'Nothing was evaluated any more' : null),
      runs: this.#runs,
      failures: this.#failures,
    };
  }

  /** What is told while a part of the findings cannot be evaluated. */
  causes(): readonly AlertCause[] {
    if (this.#error === null || this.#failingSinceNs === null) return [];
    return [
      condition({
        rule: 'error',
        subject: { kind: 'service', id: 'evaluation', label: 'Throughline' },
        workflow: null,
        sinceNs: this.#failingSinceNs,
        where: 'evaluation of alerts',
        sentence:
          'Throughline cannot evaluate all its alerts: those that it cannot stay as they were.',
        evidence: [{ text: 'what went wrong', value: this.#error }],
        next: [{ text: 'read the log of the collector, and report this as a bug' }],
        owner: null,
      }),
    ];
  }
}
