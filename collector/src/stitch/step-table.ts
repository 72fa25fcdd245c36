import type { StepId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import { eachOf, type Sliced } from './sliced.js';

/** Looks up steps by id. */
export interface StepLookup {
  get(id: StepId): Step | undefined;
}

/** The steps of a run, by start, then id, and the place of each in that order. */
export class StepTable implements StepLookup {
  readonly list: readonly Step[];
  readonly #placeOf = new Map<StepId, number>();

  private constructor(list: readonly Step[]) {
    this.list = list;
  }

  static *of(list: readonly Step[]): Sliced<StepTable> {
    const table = new StepTable(list);
    let place = 0;
    yield* eachOf(list, ({ id }) => {
      table.#placeOf.set(id, place);
      place += 1;
    });
    return table;
  }

  get size(): number {
    return this.list.length;
  }

  get(id: StepId): Step | undefined {
    const place = this.#placeOf.get(id);
    return place === undefined ? undefined : this.list[place];
  }

  placeOf(id: StepId): number | undefined {
    return this.#placeOf.get(id);
  }
}
