import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { Config } from '../../config/config.js';
import { loadConfig } from '../../config/load-config.js';
import { contextOf } from '../command-context.js';
import type { CliIo } from '../io.js';

interface ConfigOptions {
  readonly config?: string;
}

export function addConfigCommands(program: Command, io: CliIo): void {
  const config = program.command('config').description('check or print the configuration');
  config
    .command('validate')
    .description('say whether the configuration is right, and where it is not')
    .argument('[file]', 'throughline.yaml in this folder unless given')
    .action((file: string | undefined, _options: unknown, command: Command) => {
      const settings = read(io, file);
      const context = contextOf(command, io);
      context.print({ ok: true, documents: settings.documents }, () =>
        settings.documents.length === 0
          ? 'There is no configuration file: the defaults hold.'
          : `${settings.documents.join(', ')}: no mistake found.`,
      );
    });
  config
    .command('print')
    .description('print what holds: flags, environment, file and defaults together; secrets masked')
    .option('--config <file>', 'throughline.yaml in this folder unless given')
    .action((options: ConfigOptions, command: Command) => {
      const settings = plainOf(read(io, options.config));
      contextOf(command, io).print(settings, () => stringify(settings).trimEnd());
    });
}

function read(io: CliIo, file: string | undefined): Config {
  return loadConfig({ flags: { config: file }, env: io.env, cwd: io.cwd });
}

const MASK = '********';
/** Names of settings whose value nobody should read over a shoulder. */
const SECRETS = new Set(['secret', 'target', 'smtpUrl']);

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}

/** The configuration as plain data: maps as objects, secrets masked. */
function plainOf(settings: Config): unknown {
  const text = JSON.stringify(settings, (name, value: unknown) => {
    if (SECRETS.has(name) && typeof value === 'string') return MASK;
    if (name === 'headers') return masked(value as Readonly<Record<string, string>>);
    return value instanceof Map ? Object.fromEntries<unknown>(value) : value;
  });
  const plain = JSON.parse(text) as { storage: { kind: string; place: string } };
  if (plain.storage.kind === 'postgres') plain.storage.place = MASK;
  return plain;
}
