import { parseArgs } from 'node:util';
import { barsOf, differences } from './bars.js';
import { CELLS, faultyCorpus, measure, quietCorpus, type Cell, type Sizes } from './cells.js';
import { cellTable, kindTable } from './tables.js';

const USAGE = `npm run bench:accuracy -- [options]

How good detection is: a corpus of labelled flows, told from a seed, goes through the line as it would come in, once for
each kind of telemetry. Exits with 1 when a bar is missed.

  --full          2,000 healthy flows and 200 of each kind of fault, 10,000 in the quiet week: a quarter of an hour
  --cell <names>  ${CELLS.join(', ')} (all)
  --seed <text>   another corpus of the same kind (1)
  --complain      what was said and is not true, and what was not said
`;

const SMALL = { healthy: 1_400, each: 20, quiet: 1_400 };
const FULL = { healthy: 3_500, each: 200, quiet: 10_000 };

async function main(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: 'boolean', default: false },
      cell: { type: 'string', default: CELLS.join(',') },
      seed: { type: 'string', default: '1' },
      complain: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return true;
  }
  const names = values.cell.split(',');
  const unknown = names.find((name) => !CELLS.some((cell) => cell === name));
  if (unknown !== undefined) throw new Error(`--cell ${unknown}: there are ${CELLS.join(', ')}`);
  const sizes: Sizes = { seed: values.seed, ...(values.full ? FULL : SMALL) };
  const cells = await measured(sizes, names);
  const clean = cells.find(({ name }) => name === 'clean');
  if (clean !== undefined) say(`${kindTable(clean)}\n`);
  say(cellTable(cells));
  if (values.complain) for (const cell of cells) complain(cell, clean);
  return cells.every((cell) => barsOf(cell, clean).every(({ isMet }) => isMet));
}

async function measured(sizes: Sizes, names: readonly string[]): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  const faulty = faultyCorpus(sizes);
  for (const name of CELLS) {
    if (!names.includes(name)) continue;
    const corpus = name === 'quiet week' ? quietCorpus(sizes) : faulty;
    const cell = await measure(corpus, { name, seed: sizes.seed });
    process.stderr.write(`${name}: ${cell.seconds.toFixed(0)} s\n`);
    cells.push(cell);
  }
  return cells;
}

function complain(cell: Cell, clean: Cell | undefined): void {
  for (const complaint of cell.score.complaints) say(`${cell.name}: ${complaint}`);
  if (cell.name !== 'duplicates' && cell.name !== 'reorder') return;
  if (clean !== undefined) for (const line of differences(cell, clean)) say(line);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main(process.argv.slice(2)).then(
  (isMet) => {
    process.exitCode = isMet ? 0 : 1;
  },
  (fault: unknown) => {
    process.stderr.write(`accuracy: ${fault instanceof Error ? fault.message : String(fault)}\n`);
    process.exitCode = 2;
  },
);
