import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { Fault } from '../../errors.js';
import { createLog, LOG_LEVELS, type LogLevel } from '../../log.js';
import { createCollector, type Collector } from '../../server.js';
import { ExitWith } from '../command-context.js';
import { runDemo } from '../demo-entry.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly grpcPort?: string;
  readonly data?: string;
  readonly config?: string;
  readonly logLevel: LogLevel;
}

interface DemoOptions {
  readonly port: string;
  readonly data?: string;
  readonly seed: string;
}

export function addServeCommands(program: Command, io: CliIo): void {
  withServeOptions(program.command('serve'))
    .description('start the collector with its pages (the default)')
    .action(async (options: ServeOptions) => {
      const collector = await open(options, io);
      announce(collector, io);
      io.onReload(() => reload(collector, io));
      await io.untilStopped();
      await collector.close();
    });
  program
    .command('demo')
    .description(
      'start the collector and sample services of all three patterns that send it traffic',
    )
    .option('--port <n>', 'listen on this port; 0 takes a free one', '4318')
    .option('--data <folder>', 'keep everything here; a temporary folder unless given')
    .option('--seed <text>', 'the same seed gives the same traffic', 'throughline')
    .action(async ({ port, data, seed }: DemoOptions) => {
      const dataFolder = data === undefined ? null : resolve(io.cwd, data);
      const exitCode = await runDemo({ port: portOf(port), dataFolder, seed });
      if (exitCode !== EXIT.ok) throw new ExitWith(exitCode);
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CliFault(EXIT.usage, `--port: expected a port between 0 and 65535, found "${text}"`);
}

function withServeOptions(command: Command): Command {
  return command
    .option('--port <n>', 'listen on this port; 0 takes a free one (4318)')
    .option('--host <name>', 'listen on this loopback address (127.0.0.1)')
    .option('--grpc-port <n>', 'take OTLP over gRPC, too, on this port; 0 takes a free one (off)')
    .option('--data <folder>', 'keep everything here (./data)')
    .option('--config <file>', 'read this file (./throughline.yaml if there is one)')
    .addOption(new Option('--log-level <level>').choices([...LOG_LEVELS]).default('warn'));
}

async function open(options: ServeOptions, io: CliIo): Promise<Collector> {
  const { logLevel, ...flags } = options;
  return createCollector({
    ...flags,
    env: io.env,
    cwd: io.cwd,
    clock: io.clock,
    log: createLog(logLevel),
    write: io.out,
  });
}

/** A configuration with a mistake in it changes nothing and ends nothing. */
function reload(collector: Collector, io: CliIo): void {
  try {
    collector.reload();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    io.say(`throughline: ${error.message}\n${error.remedy}\n`);
  }
}

/** Others wait for this line: it is the first on stdout, and the only one of its kind. */
function announce(collector: Collector, io: CliIo): void {
  io.out(`throughline ready at ${collector.url}\n`);
  if (collector.uiUrl !== collector.url) io.out(`pages and API at ${collector.uiUrl}\n`);
  if (collector.grpcAddress !== null) io.out(`OTLP over gRPC at ${collector.grpcAddress}\n`);
}
