import type { Pattern, RunStatus } from '@throughline/model/run';
import type { RunFacets, RunSummary } from '../read-store.js';

type Facet = Exclude<keyof RunFacets, 'total'>;

/**
 * Numbers for the values that runs are counted by: counting many runs is then adding into an array, with no
 * look-up by name. Filled: `workflow checkout` 0, `status active` 1, `service shop` 2 …
 */
export class FacetCodes {
  readonly #codes = new Map<string, number>();
  readonly #values: { readonly facet: Facet; readonly value: string }[] = [];

  codesOf(run: RunSummary): Uint32Array {
    const codes = [this.#code('workflow', run.workflow), this.#code('status', run.status)];
    if (run.pattern !== null) codes.push(this.#code('pattern', run.pattern));
    for (const service of run.services) codes.push(this.#code('service', service));
    for (const destination of run.destinations) codes.push(this.#code('destination', destination));
    return Uint32Array.from(codes);
  }

  /** @param runs the codes of each run; they may be made while this counts. */
  count(runs: Iterable<Uint32Array>): RunFacets {
    const counts: number[] = [];
    let total = 0;
    for (const codes of runs) {
      total += 1;
      for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
    }
    const of = (facet: Facet): Map<string, number> =>
      new Map(
        this.#values
          .map(({ facet: its, value }, code) => ({ its, value, count: counts[code] ?? 0 }))
          .filter(({ its, count }) => its === facet && count > 0)
          .map(({ value, count }) => [value, count]),
      );
    return {
      isComplete: true,
      total,
      workflow: of('workflow'),
      status: of('status') as Map<RunStatus, number>,
      pattern: of('pattern') as Map<Pattern, number>,
      service: of('service'),
      destination: of('destination'),
    };
  }

  #code(facet: Facet, value: string): number {
    const text = `${facet} ${value}`;
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.#values.length);
    return this.#values.push({ facet, value }) - 1;
  }
}
