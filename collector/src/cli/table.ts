import { stripVTControlCharacters } from 'node:util';

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
  readonly align?: 'left' | 'right';
}

/** What a person sees as one character, however many code points it has. */
const CHARACTERS = new Intl.Segmenter();

/** Columns as wide as their widest cell, two spaces apart; the last one ends where its text ends. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ of }) => of(row))),
  ];
  const widths = columns.map((_column, index) =>
    Math.max(...cells.map((line) => widthOf(line[index] ?? ''))),
  );
  return cells.map((line) => lineOf(line, widths, columns)).join('\n');
}

function lineOf<T>(
  line: readonly string[],
  widths: readonly number[],
  columns: readonly Column<T>[],
): string {
  return line
    .map((cell, index) => {
      const gap = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
      return columns[index]?.align === 'right' ? gap + cell : cell + gap;
    })
    .join('  ')
    .trimEnd();
}

function widthOf(text: string): number {
  return [...CHARACTERS.segment(stripVTControlCharacters(text))].length;
}
