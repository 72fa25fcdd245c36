import type { Spread } from './drive/quantiles.js';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What is under way, for whoever waits: not part of the result. */
export function mutter(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A table as Markdown shows it, columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, at) => (row[at] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
}

/** Three figures that matter, thousands apart; `–` for what was not measured. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** The median, and the range when there is one. */
export function spread({ median, least, most }: Spread): string {
  return least === most || Number.isNaN(median)
    ? figure(median)
    : `${figure(median)} (${figure(least)}–${figure(most)})`;
}
