import type { StepId } from '@throughline/model/ids';
import type { Edge, EdgeEvidence } from '@throughline/model/run';
import { eachOf, type Sliced } from './sliced.js';
import type { StepTable } from './step-table.js';

const EVIDENCE_RANK: readonly EdgeEvidence[] = [
  'link',
  'parent',
  'message-id',
  'engine',
  'causation-id',
  'inferred',
];

/** A message tie says more than a mere sequence; proof says more than inference. */
function rankOf({ kind, evidence }: Edge): number {
  const rank = EVIDENCE_RANK.indexOf(evidence);
  return kind === 'follows' ? rank + EVIDENCE_RANK.length : rank;
}

/** The edges between the steps of a run: of two between the same steps the one that says more. */
export class EdgeList {
  readonly #steps: StepTable;
  /** By the place of the effect. */
  readonly #causes: Edge[][] = [];

  constructor(steps: StepTable) {
    this.#steps = steps;
  }

  add(edge: Edge): void {
    const known = this.#causesOf(edge.to);
    const at = known.findIndex(({ from }) => from === edge.from);
    const same = known[at];
    if (same === undefined) this.addNew(edge);
    else if (rankOf(edge) < rankOf(same)) known[at] = edge;
  }

  /** The same for an edge between two steps that have none yet. */
  addNew(edge: Edge): void {
    if (edge.from === edge.to) return;
    const place = this.#steps.placeOf(edge.to);
    if (place === undefined) return;
    const known = this.#causes[place];
    if (known) known.push(edge);
    else this.#causes[place] = [edge];
  }

  hasCause(id: StepId): boolean {
    return this.#causesOf(id).length > 0;
  }

  *all(): Iterable<Edge> {
    for (const { id } of this.#steps.list) yield* this.#causesOf(id);
  }

  /**
   * By the start of cause and effect. Drops, of each circle (spans that name each other as parent), the edges into
   * its first step.
   */
  *withoutCircles(): Sliced<Edge[]> {
    const outgoing: Edge[][] = [];
    let goesBack = false as boolean;
    let place = 0;
    yield* eachOf(this.#steps.list, () => {
      for (const edge of this.#causes[place] ?? []) {
        const from = this.#steps.placeOf(edge.from) ?? 0;
        const effects = outgoing[from];
        if (effects) effects.push(edge);
        else outgoing[from] = [edge];
        goesBack ||= from >= place;
      }
      place += 1;
    });
    // Where every cause began before its effect there is no circle.
    const dropped = goesBack ? yield* this.#circular(outgoing) : NONE;
    const kept: Edge[] = [];
    yield* eachOf(this.#steps.list.keys(), (from) => {
      for (const edge of outgoing[from] ?? []) if (!dropped.has(edge)) kept.push(edge);
    });
    return kept;
  }

  *#circular(outgoing: readonly Edge[][]): Sliced<ReadonlySet<Edge>> {
    const { size } = this.#steps;
    const incoming = new Int32Array(size);
    const isDone = new Uint8Array(size);
    const ready: number[] = [];
    const dropped = new Set<Edge>();
    let next = 0;
    yield* eachOf(this.#steps.list.keys(), (at) => {
      incoming[at] = this.#causes[at]?.length ?? 0;
      if (incoming[at] === 0) ready.push(at);
    });
    yield* eachOf(this.#steps.list, () => {
      let at = ready.pop();
      if (at === undefined) {
        while (isDone[next] === 1) next += 1;
        at = next;
        for (const edge of this.#causes[at] ?? []) {
          if (isDone[this.#steps.placeOf(edge.from) ?? 0] === 0) dropped.add(edge);
        }
      }
      isDone[at] = 1;
      for (const edge of outgoing[at] ?? []) {
        const to = this.#steps.placeOf(edge.to) ?? 0;
        if (dropped.has(edge) || isDone[to] === 1) continue;
        const left = (incoming[to] ?? 1) - 1;
        incoming[to] = left;
        if (left === 0) ready.push(to);
      }
    });
    return dropped;
  }

  #causesOf(id: StepId): Edge[] {
    return this.#causes[this.#steps.placeOf(id) ?? -1] ?? [];
  }
}

const NONE: ReadonlySet<Edge> = new Set();
