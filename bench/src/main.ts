import { optionsOf, USAGE, type Options, type Table } from './options.js';
import { ingestTable } from './tables/ingest.js';

const MAKERS: Readonly<Record<Table, (options: Options) => Promise<void>>> = {
  ingest: ingestTable,
};

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return;
  }
  const options = optionsOf(args);
  for (const name of options.tables) await MAKERS[name](options);
}

main(process.argv.slice(2)).catch((fault: unknown) => {
  process.stderr.write(
    `${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`,
  );
  process.exitCode = 1;
});
