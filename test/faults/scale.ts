import { appendFileSync, writeSync } from 'node:fs';

/** `npm run test:faults -- --full` tries as often as docs/operating.md says; `npm test` as often as is quick. */
export const isFull = process.env['THROUGHLINE_FAULTS'] === 'full';

/** The same faults with another seed: `THROUGHLINE_SEED=… npm run test:faults`. */
export const seed = process.env['THROUGHLINE_SEED'] ?? 'faults';

export function scaled<T>(choice: { readonly quick: T; readonly full: T }): T {
  return isFull ? choice.full : choice.quick;
}

/** The file that `test/faults/run` gathers figures in, to tell them together at the end. */
const figuresFile = process.env['THROUGHLINE_FIGURES'];

/** Says the figure of a row, with the seed that gives it again. */
export function tell(row: string, figure: string): void {
  const line = `${row.padEnd(3)} ${figure} [${isFull ? 'full' : 'quick'}, seed ${seed}]\n`;
  writeSync(2, line);
  if (figuresFile !== undefined) appendFileSync(figuresFile, line);
}

/** The value that this share of all stays below, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
