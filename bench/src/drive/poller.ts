import { setTimeout as sleep } from 'node:timers/promises';
import { quantilesOf, type Quantiles } from './quantiles.js';
import { timeOf } from './timed-requests.js';

const PAUSE_MS = 100;

/** Asks one question of the API after the other, as an open page and a script do, until it is stopped. */
export class Poller {
  readonly #took: number[] = [];
  readonly #work: Promise<void>;
  #isStopped = false;

  constructor(urls: readonly string[]) {
    this.#work = this.#run(urls);
  }

  async stop(): Promise<Quantiles> {
    this.#isStopped = true;
    await this.#work;
    return quantilesOf(this.#took);
  }

  async #run(urls: readonly string[]): Promise<void> {
    for (let at = 0; !this.#isStopped; at += 1) {
      this.#took.push(await timeOf(urls[at % urls.length] ?? ''));
      await sleep(PAUSE_MS);
    }
  }
}
