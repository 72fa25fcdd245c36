import { barsOf, falseAlarms } from './bars.js';
import type { Cell } from './cells.js';
import { EXPECTED } from './corpus/kinds.js';

/** One line per cell: the figures, and whether each bar is met. */
export function cellTable(cells: readonly Cell[]): string {
  const clean = cells.find(({ name }) => name === 'clean');
  const head = ['cell', 'flows', 'spans', 'P', 'R', 'verdict', 'false', 'p50', 'p95', 'withheld'];
  const rows = cells.map((cell) => {
    const { score, observed } = cell;
    return [
      cell.name,
      String(score.flows),
      String(observed.spans),
      share(score.precision),
      share(score.recall),
      share(score.verdictAccuracy),
      String(falseAlarms(cell)),
      ...delays(score.delaysMs),
      String(score.withheld),
      barsOf(cell, clean)
        .map(({ text, isMet }) => `${isMet ? '✓' : '✗'} ${text}`)
        .join(', '),
    ];
  });
  return aligned([[...head, 'bars'], ...rows]);
}

/** One line per kind of fault in one cell. */
export function kindTable({ score }: Cell): string {
  const head = ['kind', 'flows', 'found', 'false', 'verdicts right', 'p50', 'p95'];
  const rows = score.kinds.map((kind) => [
    kind.label,
    String(kind.flows),
    EXPECTED[kind.label].rules.length === 0 ? '–' : String(kind.found),
    String(kind.wrong),
    kind.verdicts === 0 ? '–' : `${String(kind.verdictsRight)} of ${String(kind.verdicts)}`,
    ...delays(kind.delaysMs),
  ]);
  return aligned([head, ...rows]);
}

function share(value: number): string {
  return value === 1 ? '1' : value.toFixed(4);
}

function delays(ms: readonly number[]): readonly string[] {
  if (ms.length === 0) return ['–', '–'];
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return [0.5, 0.95].map((share) => `${(at(share) / 1_000).toFixed(0)} s`);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
