import type { Step } from '@throughline/model/step';
import type { Archivist } from './archivist.js';
import type { Arrival, Stitcher } from './stitch/stitch.js';
import { ViewWindow } from './view-window.js';

export interface MemoryDeps {
  readonly stitcher: Stitcher;
  readonly archivist: Archivist;
  readonly spansMax: number;
}

export interface MemoryReading {
  readonly spans: number;
  readonly spansMax: number;
  readonly spansForgotten: number;
  readonly runsArchived: number;
}

/** Beyond so much of the bound, nothing comes in before something left. */
const CROWDED = 1.1;

/**
 * The steps in memory, of which there are never many more than it has room for. What leaves it leaves for the archive;
 * only where everything hangs together with everything, the oldest spans are forgotten as they are.
 */
export class Memory {
  readonly #deps: MemoryDeps;
  readonly #window = new ViewWindow();

  #spansMax: number;

  constructor(deps: MemoryDeps) {
    this.#deps = deps;
    this.#spansMax = deps.spansMax;
  }

  get spansMax(): number {
    return this.#spansMax;
  }

  /** What memory has room for from now on. */
  set spansMax(spansMax: number) {
    this.#spansMax = spansMax;
  }

  get isFull(): boolean {
    return this.spans > this.#spansMax;
  }

  /** Spans in memory. */
  get spans(): number {
    return this.#deps.stitcher.residents.stepCount;
  }

  /** Spans since start that are in no run any more: memory had no room, and they could not leave as what they are. */
  get spansForgotten(): number {
    return this.#window.spansForgotten;
  }

  reading(): MemoryReading {
    return {
      spans: this.spans,
      spansMax: this.#spansMax,
      spansForgotten: this.spansForgotten,
      runsArchived: this.#deps.archivist.runCount,
    };
  }

  /** The newest body that came; 0 while none has. */
  get newestBodyId(): number {
    return this.#window.newestId;
  }

  add(steps: readonly Step[], bodyId: number, isReadBack: boolean): readonly Arrival[] {
    const { archivist, stitcher } = this.#deps;
    const isArchived = archivist.arriving(steps, isReadBack ? bodyId : null);
    const fresh = steps.filter((_, at) => !isArchived[at]);
    const arrivals = stitcher.add(fresh, bodyId).values();
    this.#window.add(bodyId, fresh.length, stitcher.residents.firstNeededBodyId ?? 0);
    return steps.map((_, at) => (isArchived[at] ? 'stored' : (arrivals.next().value ?? 'stored')));
  }

  get isCrowded(): boolean {
    return this.spans > this.#spansMax * CROWDED;
  }

  /**
   * Makes room. To be called when the stitcher has nothing to tell.
   *
   * @param isAllMade all runs are assembled, so that each might leave.
   * @returns whether the stitcher has something to tell now.
   */
  relieve(untilMs: number | null, isAllMade: boolean): boolean {
    const { archivist, stitcher } = this.#deps;
    const before = this.spans;
    archivist.relieve(this.#spansMax, untilMs);
    if (!this.isCrowded || !isAllMade || this.spans < before || archivist.isBehind) return false;
    const firstNeeded = stitcher.residents.firstNeededBodyId ?? 0;
    archivist.forgotten(firstNeeded);
    while (this.isFull) {
      const firstKept = this.#window.shed(firstNeeded);
      if (firstKept === null) break;
      stitcher.forget(firstKept);
    }
    return true;
  }

  /** Retention took everything before this body but what is held. @returns whether any of it was in memory. */
  drop(beforeId: number, held: ReadonlySet<number>): boolean {
    this.#deps.archivist.dropped(beforeId, held);
    if (!this.#window.drop(beforeId, held)) return false;
    this.#deps.stitcher.forget(beforeId, held);
    return true;
  }
}
