import type { Command } from 'commander';
import { stringify } from 'yaml';
import { AddressGuard } from '../../alert/address-guard.js';
import { checkAddresses } from '../../alert/check-addresses.js';
import type { DeclaredDocument, DocumentNote } from '@throughline/model/policy';
import type { Config } from '../../config/config.js';
import { loadConfig } from '../../config/load-config.js';
import { rebuildView, reloadView, type ReloadView } from '@throughline/model/api/config';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
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
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      await validate(contextOf(command, io), read(io, file));
    });
  config
    .command('print')
    .description('print what holds: flags, environment, file and defaults together; secrets masked')
    .option('--config <file>', 'throughline.yaml in this folder unless given')
    .action((options: ConfigOptions, command: Command) => {
      const settings = plainOf(read(io, options.config));
      contextOf(command, io).print(settings, () => stringify(settings).trimEnd());
    });
  config
    .command('reload')
    .description('let the collector read its configuration again and stitch stored spans by it')
    .option('--force', 'stitch everything anew though nothing changed')
    .option('--no-wait', 'do not wait for the end')
    .action(async (options: ReloadOptions, command: Command) => {
      await reload(contextOf(command, io), options);
    });
}

async function validate(context: CommandContext, settings: Config): Promise<void> {
  const { documents, alerts, policy } = settings;
  const declared = policy.documents ?? [];
  const reports = await checkAddresses(alerts, new AddressGuard(alerts.allowPrivate));
  const ok = reports.every(({ state }) => state !== 'refused');
  context.print({ ok, documents, declared, alertAddresses: reports }, () =>
    [
      documents.length === 0
        ? 'There is no configuration file: the defaults hold.'
        : `${documents.join(', ')}: no mistake found.`,
      ...declared.map(madeOf),
      ...reports.flatMap(({ of, state, reason }) =>
        state === 'allowed' ? [] : [`alerts: ${of} (${state}): ${reason ?? ''}`],
      ),
    ].join('\n'),
  );
  if (ok) return;
  throw new CliFault(
    EXIT.usage,
    'Alerts would not be sent to what is refused above',
    'Use a public address over https, or name the host in alerts.allow_private.',
  );
}

/** What was made of a declared document, and what was not, each with its place. */
function madeOf({ path, understood, notUnderstood }: DeclaredDocument): string {
  const at = ({ line, text }: DocumentNote) =>
    `  ${path}${line === null ? '' : `:${line}`}: ${text}`;
  return [
    '',
    `${path}: ${understood.length} understood, ${notUnderstood.length} not understood`,
    ...understood.map(at),
    ...(notUnderstood.length === 0 ? [] : [' not understood:']),
    ...notUnderstood.map(at),
  ].join('\n');
}

interface ReloadOptions {
  readonly force?: boolean;
  readonly wait: boolean;
}

const POLL_MS = 250;
/** Said again when it has moved so far. */
const TELL_PERCENT = 10;

async function reload(context: CommandContext, { force, wait }: ReloadOptions): Promise<void> {
  const { api, io } = context;
  const response = await api.request('/api/v1/config/reload', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ force: force === true }),
  });
  const answer = reloadView.parse(await response.json());
  let rebuild = answer.rebuild;
  for (let told = 0; wait && rebuild.state === 'running';) {
    await new Promise<void>((resolve) => void io.clock.after(POLL_MS, resolve));
    rebuild = await api.get('/config/reload', rebuildView);
    if (rebuild.percent < told + TELL_PERCENT || rebuild.state !== 'running') continue;
    told = rebuild.percent;
    io.say(`${told} %, ${rebuild.requestsRead} of ${rebuild.requestsTotal} stored requests\n`);
  }
  context.print({ ...answer, rebuild }, () =>
    [outcomeOf({ ...answer, rebuild }), ...later(answer)].join('\n'),
  );
  if (rebuild.state === 'failed') throw new CliFault(EXIT.failed, rebuild.error ?? 'It failed');
}

function outcomeOf({ outcome, rebuild }: ReloadView): string {
  if (outcome === 'unchanged') return 'Nothing changed that stored spans are stitched by.';
  if (rebuild.state === 'running') return 'The stored spans are being stitched anew.';
  return `${rebuild.requestsRead} stored requests were stitched anew.`;
}

function later({ needsRestart }: ReloadView): string[] {
  if (needsRestart.length === 0) return [];
  return [`Changed, and holds after a restart only: ${needsRestart.join(', ')}.`];
}

function read(io: CliIo, file: string | undefined): Config {
  return loadConfig({ flags: { config: file }, env: io.env, cwd: io.cwd });
}

const MASK = '********';
/** Names of settings whose value nobody should read over a shoulder. */
const SECRETS = new Set(['secret', 'target', 'smtpUrl', 'password']);

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
