import type { Cell } from './cells.js';

/** A figure that has to be reached, and what was. */
export interface Bar {
  readonly text: string;
  readonly isMet: boolean;
}

const FALSE_MISSING_MAX = 0.001;
const LATE_MIN = 0.99;
const VERDICT_MIN = 0.95;

/** What is asked of the cell. @param clean what the others are compared with; undefined when it was not measured. */
export function barsOf(cell: Cell, clean: Cell | undefined): readonly Bar[] {
  const { precision, recall, verdictAccuracy, flows, falseMissing } = cell.score;
  const verdict = bar('verdict right in 95 %', verdictAccuracy >= VERDICT_MIN);
  switch (cell.name) {
    case 'clean':
      return [bar('P = 1', precision === 1), bar('R = 1', recall === 1), verdict];
    case 'duplicates':
    case 'reorder':
      return clean === undefined ? [] : [bar('output as clean', isSameOutput(cell, clean))];
    case 'late':
      return [bar('P ≥ 0.99', precision >= LATE_MIN), bar('R ≥ 0.99', recall >= LATE_MIN), verdict];
    case 'loss':
      return [bar('false "missing" ≤ 0.1 %', falseMissing <= FALSE_MISSING_MAX * flows)];
    case 'skew':
      return [bar('no reversed edge', cell.observed.reversedEdges === 0), verdict];
    case 'sampling':
      return [];
    case 'quiet week':
      return [bar('no false alarm', precision === 1 && falseAlarms(cell) === 0)];
  }
}

/** Flows, and findings of none, of which something is said that is not true. */
export function falseAlarms({ score }: Cell): number {
  return score.wrongOfNoFlow + score.kinds.reduce((sum, { wrong }) => sum + wrong, 0);
}

/** Lines that are in one output only. */
export function differences(cell: Cell, clean: Cell): readonly string[] {
  const [here, there] = [new Set(cell.output), new Set(clean.output)];
  return [
    ...[...here].filter((line) => !there.has(line)).map((line) => `only ${cell.name}: ${line}`),
    ...[...there].filter((line) => !here.has(line)).map((line) => `only ${clean.name}: ${line}`),
  ];
}

function isSameOutput(cell: Cell, clean: Cell): boolean {
  return differences(cell, clean).length === 0;
}

function bar(text: string, isMet: boolean): Bar {
  return { text, isMet };
}
