import type { LiveDelta } from '@throughline/model/socket-events';
import type { LiveChange } from './live-change.js';
import type { Subscription } from './subscription.js';
import { ViewState } from './view-diff.js';

/** Reads a view as it is now. @throws Fault when the parameters are wrong or what they name does not exist. */
export type ReadView = (view: Subscription['view'], params: Subscription['params']) => unknown;

export interface Beat {
  readonly seq: number;
  readonly body: LiveDelta;
}

/**
 * One view with one set of parameters, read once for all its viewers. `seq` n is the reading that the viewers
 * have; each advance gives n+1. A viewer who comes later starts from the last reading.
 */
export class Channel {
  readonly view: Subscription['view'];
  readonly params: Subscription['params'];
  readonly #read: ReadView;
  readonly #state: ViewState;
  #seq = 0;
  isStale = false;
  /** Milliseconds of the clock before which it is not read again. */
  restsUntilMs = 0;

  constructor({ view, params }: Subscription, read: ReadView) {
    this.view = view;
    this.params = params;
    this.#read = read;
    this.#state = new ViewState(view, read(view, params));
  }

  get seq(): number {
    return this.#seq;
  }

  get body(): unknown {
    return this.#state.body;
  }

  /** Marks the channel stale when the change may show in it. */
  notice(change: LiveChange): void {
    this.isStale ||= this.#isTouchedBy(change);
  }

  /** Reads anew. @returns undefined when nothing on screen changes. */
  advance(): Beat | undefined {
    this.isStale = false;
    const body = this.#state.advance(this.#read(this.view, this.params));
    if (body === undefined) return undefined;
    this.#seq += 1;
    return { seq: this.#seq, body };
  }

  /** An empty delta: a viewer who missed the last one sees the gap. */
  beat(): Beat {
    this.#seq += 1;
    return { seq: this.#seq, body: {} };
  }

  #isTouchedBy(change: LiveChange): boolean {
    const runsMoved = change.runs.length > 0 || change.gone.length > 0;
    switch (this.view) {
      case 'overview':
        return runsMoved || change.findings || change.stats;
      case 'run':
        return change.findings || [...change.runs, ...change.gone].some((id) => this.#isOf(id));
      case 'map':
      case 'runs':
      case 'findings':
      case 'dead-letters':
        return runsMoved || change.findings;
    }
  }

  /** The run on screen may have another id than the one that was asked for: an alias, or a run merged since. */
  #isOf(id: string): boolean {
    return this.params['id'] === id || (this.body as { id: string }).id === id;
  }
}

export function channelKey({ view, params }: Subscription): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([view, sorted]);
}
