import type { Step } from '@throughline/model/step';
import type { FactStore, StoredBody } from './store/fact-store.js';

export interface ReadBodiesDeps {
  readonly store: Pick<FactStore, 'bodies'>;
  /** The steps of a body, as they were when it came. */
  readonly stepsOf: (body: StoredBody) => readonly Step[];
}

/** Bodies that are kept decoded: runs that left memory together lie in the same ones. */
const BODIES_KEPT = 16;

/** Steps of stored bodies, by their trace. */
export class ReadBodies {
  readonly #deps: ReadBodiesDeps;
  readonly #read = new Map<number, ReadonlyMap<string, readonly Step[]>>();

  constructor(deps: ReadBodiesDeps) {
    this.#deps = deps;
  }

  /** The steps of some traces, body by body. */
  eachOf(
    bodyIds: readonly number[],
    traces: ReadonlySet<string>,
    act: (steps: readonly Step[], bodyId: number) => void,
  ): void {
    for (const id of bodyIds) {
      const byTrace = this.#body(id);
      const steps = [...traces].flatMap((trace) => byTrace.get(trace) ?? []);
      if (steps.length > 0) act(steps, id);
    }
  }

  clear(): void {
    this.#read.clear();
  }

  #body(id: number): ReadonlyMap<string, readonly Step[]> {
    const known = this.#read.get(id);
    if (known) return known;
    const byTrace = new Map<string, Step[]>();
    for (const body of this.#deps.store.bodies([id])) {
      for (const step of this.#deps.stepsOf(body)) {
        const steps = byTrace.get(step.traceId);
        if (steps) steps.push(step);
        else byTrace.set(step.traceId, [step]);
      }
    }
    this.#read.set(id, byTrace);
    const [oldest] = this.#read.keys();
    if (this.#read.size > BODIES_KEPT && oldest !== undefined) this.#read.delete(oldest);
    return byTrace;
  }
}
