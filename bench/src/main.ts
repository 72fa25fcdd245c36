import { guard, storeRatios } from './guard/guard.js';
import { optionsOf, USAGE, type Options, type Table } from './options.js';
import { say } from './print.js';
import { Neighbours } from './servers/machine.js';
import { flatnessTable } from './tables/flatness.js';
import { halfRateTable } from './tables/half-rate.js';
import { ingestTable } from './tables/ingest.js';
import { oneRunTable } from './tables/one-run.js';
import { openRunsTable } from './tables/open-runs.js';
import { toBrowserTable } from './tables/to-browser.js';
import { viewersTable } from './tables/viewers.js';
import { LimitHit } from './within.js';
import { writeStream } from './write-stream.js';

const MAKERS: Readonly<Record<Table, (options: Options) => Promise<void>>> = {
  ingest: ingestTable,
  flatness: flatnessTable,
  'open-runs': openRunsTable,
  'one-run': oneRunTable,
  'half-rate': halfRateTable,
  'to-browser': toBrowserTable,
  viewers: viewersTable,
};

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return;
  }
  const options = optionsOf(args);
  if (options.writeTo !== null) {
    await writeStream(options, options.writeTo);
    return;
  }
  if (options.instead === 'store') {
    await storeRatios(options);
    return;
  }
  if (options.instead === 'guard') {
    process.exitCode = (await guard(options)) ? 0 : 1;
    return;
  }
  const neighbours = new Neighbours();
  for (const name of options.tables) {
    try {
      await MAKERS[name](options);
    } catch (fault) {
      if (!(fault instanceof LimitHit)) throw fault;
      say(`${name}: ${fault.message}; the table ends here`);
    }
    const share = (neighbours.share() * 100).toFixed(0);
    say(
      `${name}: others used ${share} % of the machine meanwhile; wall times suffer, CPU less so\n`,
    );
  }
}

main(process.argv.slice(2)).catch((fault: unknown) => {
  process.stderr.write(`bench: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
