import { Command, CommanderError } from 'commander';
import { Fault } from '../errors.js';
import { packageVersion } from '../package-version.js';
import { ExitWith } from './command-context.js';
import { addAlertCommands } from './commands/alerts.js';
import { addCheckCommand } from './commands/check.js';
import { addCompletionCommand } from './commands/completion.js';
import { addConfigCommands } from './commands/config.js';
import { addDbCommands } from './commands/db.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addExportCommand } from './commands/export.js';
import { addFindingCommands } from './commands/findings.js';
import { addHoldCommands } from './commands/hold.js';
import { addImportCommand } from './commands/import.js';
import { addLearnedCommands } from './commands/learned.js';
import { addMapCommand } from './commands/map.js';
import { addNotYetCommands } from './commands/not-yet.js';
import { addRunCommands } from './commands/runs.js';
import { addServeCommands } from './commands/serve.js';
import { addTailCommand } from './commands/tail.js';
import { CliFault, EXIT, type ExitCode } from './exit-code.js';
import type { CliIo } from './io.js';

/** Runs one command line (without the program's name). Says what went wrong; never throws. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    await programOf(io).parseAsync(withCommand(args), { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

const OF_THE_PROGRAM = new Set([
  '-h',
  '--help',
  '-V',
  '--version',
  '--server',
  '--json',
  '--no-color',
]);

/** `throughline` and `throughline --port 0` start the collector; a word that is no command is a mistake. */
function withCommand(args: readonly string[]): readonly string[] {
  const [first] = args;
  const isServe = first === undefined || (first.startsWith('-') && !OF_THE_PROGRAM.has(first));
  return isServe ? ['serve', ...args] : args;
}

function programOf(io: CliIo): Command {
  const program = new Command('throughline')
    .description('Where is order 8123? Distributed workflows, made visible')
    .option('--server <url>', 'the collector to ask (THROUGHLINE_SERVER, http://127.0.0.1:4318)')
    .option('--json', 'print JSON')
    .option('--no-color', 'print without colours (NO_COLOR)')
    .version(packageVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: io.out, writeErr: io.say });
  addServeCommands(program, io);
  addRunCommands(program, io);
  addFindingCommands(program, io);
  addMapCommand(program, io);
  addLearnedCommands(program, io);
  addAlertCommands(program, io);
  addCheckCommand(program, io);
  addImportCommand(program, io);
  addExportCommand(program, io);
  addTailCommand(program, io);
  addDoctorCommand(program, io);
  addConfigCommands(program, io);
  addHoldCommands(addDbCommands(program, io), io);
  addCompletionCommand(program, io);
  addNotYetCommands(program);
  for (const command of allOf(program)) command.copyInheritedSettings(program);
  return program;
}

function allOf(program: Command): Command[] {
  return program.commands.flatMap((command) => [command, ...allOf(command)]);
}

function exitCodeOf(error: unknown, io: CliIo): ExitCode {
  if (error instanceof ExitWith) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliFault) {
    io.say(`throughline: ${error.message}\n${error.remedy === null ? '' : `${error.remedy}\n`}`);
    return error.exitCode;
  }
  if (error instanceof Fault) {
    io.say(`throughline: ${error.message}\n${error.remedy}\n`);
    return error.code === 'BAD_CONFIG' ? EXIT.usage : EXIT.failed;
  }
  io.say(
    `throughline: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.failed;
}
