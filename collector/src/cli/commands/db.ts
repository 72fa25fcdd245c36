import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatInstant } from '@throughline/model/time';
import { loadConfig } from '../../config/load-config.js';
import type { Config } from '../../config/config.js';
import { rebuild } from '../../rebuild.js';
import { backUpStore, restoreStore } from '../../store/sqlite/backup.js';
import { factFilePath } from '../../store/sqlite/open-fact-file.js';
import { StoredFacts } from '../../store/sqlite/stored-facts.js';
import { checkFacts } from '../check-facts.js';
import { contextOf } from '../command-context.js';
import { counted } from '../counted.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';

interface StoreOptions {
  readonly data?: string;
  readonly config?: string;
}

interface ReplaceOptions extends StoreOptions {
  readonly force?: boolean;
}

/** How often a long command says how far it is. */
const TELL_SHARE = 0.1;
const TELL_BODIES = 10_000;

export function addDbCommands(program: Command, io: CliIo): Command {
  const db = program.command('db').description('look after the store');
  withStore(db.command('backup'))
    .description('write everything that is stored into one file, while the collector runs or not')
    .argument('<file>')
    .option('--force', 'replace the file when it is there')
    .action((file: string, options: ReplaceOptions, command: Command) =>
      backup({ file, options, command, io }),
    );
  withStore(db.command('restore'))
    .description('lay a backup into the data folder of a collector that is stopped')
    .argument('<file>')
    .option('--force', 'move aside what the folder holds')
    .action((file: string, options: ReplaceOptions, command: Command) =>
      restore({ file, options, command, io }),
    );
  withStore(db.command('check'))
    .description('read every page and every stored body, and say what is wrong')
    .argument('[file]', 'a backup; the store of the data folder unless given')
    .action((file: string | undefined, options: StoreOptions, command: Command) =>
      check({ file, options, command, io }),
    );
  withStore(db.command('rebuild'))
    .description(
      'read all stored bodies again with the present configuration, and say what follows from them',
    )
    .argument('[file]', 'a backup; the store of the data folder unless given')
    .action((file: string | undefined, options: StoreOptions, command: Command) =>
      rebuildAll({ file, options, command, io }),
    );
  return db;
}

function withStore(command: Command): Command {
  return command
    .option('--data <folder>', 'the data folder (./data, or what the configuration says)')
    .option('--config <file>', 'read this configuration (./throughline.yaml if there is one)');
}

interface Call<F, O> {
  readonly file: F;
  readonly options: O;
  readonly command: Command;
  readonly io: CliIo;
}

async function backup({ file, options, command, io }: Call<string, ReplaceOptions>): Promise<void> {
  let told = 0;
  const report = await backUpStore({
    folder: folderOf(settingsOf(options, io)),
    to: resolve(io.cwd, file),
    isReplacing: options.force === true,
    onShare: (share) => {
      if (share < told + TELL_SHARE || share >= 1) return;
      told = share;
      io.say(`${Math.floor(100 * share)} % copied\n`);
    },
  });
  contextOf(command, io).print(report, () => {
    const bodies = counted(report.bodies, 'stored request');
    return `${report.file} holds ${bodies}, ${report.bytes.toLocaleString('en')} bytes.`;
  });
}

async function restore({
  file,
  options,
  command,
  io,
}: Call<string, ReplaceOptions>): Promise<void> {
  const report = await restoreStore({
    file: resolve(io.cwd, file),
    folder: folderOf(settingsOf(options, io)),
    restoredAt: formatInstant(io.clock.now()),
    isReplacing: options.force === true,
  });
  contextOf(command, io).print(report, () => {
    const before = report.movedTo === null ? '' : ` What was there is in ${report.movedTo}.`;
    return `${report.folder} holds ${counted(report.bodies, 'stored request')}.${before}`;
  });
}

async function check(call: Call<string | undefined, StoreOptions>): Promise<void> {
  const { command, io } = call;
  const facts = await factsOf(call, settingsOf(call.options, io));
  try {
    const report = checkFacts(facts, telling(io, facts.bodyCount));
    contextOf(command, io).print(report, () => {
      const { file, bodies, spans, rejected, faults } = report;
      const counts = `${counted(bodies, 'stored request')}, ${counted(spans, 'span')}, ${rejected} refused`;
      return [...faults, `${file}: ${counts}, ${counted(faults.length, 'fault')}.`].join('\n');
    });
    if (report.faults.length > 0) {
      throw new CliFault(
        EXIT.failed,
        `${report.file} is damaged`,
        'Restore a backup; the next start goes on without what cannot be read.',
      );
    }
  } finally {
    facts.close();
  }
}

async function rebuildAll(call: Call<string | undefined, StoreOptions>): Promise<void> {
  const { command, io } = call;
  const settings = settingsOf(call.options, io);
  const facts = await factsOf(call, settings);
  const damaged: string[] = [];
  try {
    const rebuilt = await rebuild({
      facts,
      policy: settings.policy,
      clock: io.clock,
      onDamage: (text) => {
        damaged.push(text);
        io.say(`${text}\n`);
      },
      onBody: telling(io, facts.bodyCount),
    });
    contextOf(command, io).print({ file: facts.file, ...rebuilt, damaged }, () => {
      const { spans, runs, runsByStatus, spansForgotten } = rebuilt;
      const statuses = Object.entries(runsByStatus).map(([status, n]) => `${n} ${status}`);
      const rejected = Object.values(spans.rejected).reduce((sum, n) => sum + n, 0);
      return [
        `${counted(rebuilt.bodies, 'stored request')} read in ${(rebuilt.tookMs / 1000).toFixed(1)} s`,
        `${counted(spans.stored, 'span')}, ${spans.duplicate} of them again, ${rejected} refused`,
        `${counted(runs, 'run')} (${statuses.join(', ')}) of ${counted(rebuilt.workflows, 'workflow')}`,
        counted(rebuilt.openFindings, 'open finding'),
        ...(spansForgotten > 0 ? [`${spansForgotten} spans are more than memory holds`] : []),
      ].join('\n');
    });
    if (damaged.length > 0) {
      throw new CliFault(EXIT.failed, `${counted(damaged.length, 'place')} could not be read`);
    }
  } finally {
    facts.close();
  }
}

function factsOf(
  { file, io }: Call<string | undefined, StoreOptions>,
  settings: Config,
): Promise<StoredFacts> {
  return StoredFacts.open(
    file === undefined ? factFilePath(folderOf(settings)) : resolve(io.cwd, file),
  );
}

function settingsOf({ data, config }: StoreOptions, io: CliIo): Config {
  return loadConfig({ flags: { data, config }, env: io.env, cwd: io.cwd });
}

function folderOf({ storage }: Config): string {
  if (storage.kind === 'sqlite') return storage.place;
  throw new CliFault(EXIT.usage, 'The store is PostgreSQL: use its own tools, such as pg_dump');
}

function telling(io: CliIo, total: number): (count: number) => void {
  return (count) => {
    if (count % TELL_BODIES === 0) io.say(`${count} of ${total} stored requests read\n`);
  };
}
