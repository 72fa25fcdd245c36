import { Option, type Command } from 'commander';
import { contextOf, type CommandContext } from '../command-context.js';
import { counted } from '../counted.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import type { ImportAccount } from '../import/account.js';
import { IMPORT_FORMATS, type ImportFormat } from '../import/detect-format.js';
import { importFile } from '../import/import-file.js';

interface ImportOptions {
  readonly format?: ImportFormat;
}

export function addImportCommand(program: Command, io: CliIo): void {
  program
    .command('import')
    .description(
      'send the spans of files: OTLP (JSON, a request per line, protobuf), Zipkin v2, Jaeger, CloudEvents; gzip of all; "-" reads stdin',
    )
    .argument('<file...>')
    .addOption(
      new Option('--format <format>', 'of the files; told from each unless given').choices([
        ...IMPORT_FORMATS,
      ]),
    )
    .action(async (files: readonly string[], options: ImportOptions, command: Command) => {
      await importAll(contextOf(command, io), files, options);
    });
}

async function importAll(
  context: CommandContext,
  files: readonly string[],
  options: ImportOptions,
): Promise<void> {
  const { io, api } = context;
  const format = options.format ?? null;
  const accounts: ImportAccount[] = [];
  let fault: CliFault | null = null;
  for (const file of files) {
    const done = await importFile(file, { io, api, format });
    accounts.push(done.account);
    for (const problem of done.account.problems) io.say(`${problem}\n`);
    fault ??= done.fault;
    // Without a collector the other files fare no better; a file that is nothing costs no other.
    if (done.fault !== null && done.fault.exitCode !== EXIT.usage) break;
    if (done.fault !== null && done.fault !== fault) io.say(`${done.fault.message}\n`);
  }
  const sum = (of: (account: ImportAccount) => number): number =>
    accounts.reduce((total, account) => total + of(account), 0);
  const spans = sum((account) => account.spans);
  const rejected = sum((account) => account.rejected);
  const unreadable = sum((account) => account.unreadable);
  context.print({ spans, rejected, unreadable, files: accounts }, () =>
    [...accounts.map(lineOf), `${api.server}/runs`].join('\n'),
  );
  if (fault !== null) throw fault;
  const refused = rejected === 0 ? [] : [`${counted(rejected, 'span')} refused`];
  const unread = unreadable === 0 ? [] : [`${counted(unreadable, 'place')} unreadable`];
  if (rejected + unreadable > 0) {
    throw new CliFault(
      EXIT.failed,
      `Not everything was taken: ${[...refused, ...unread].join(', ')}`,
    );
  }
}

/** `orders.json (zipkin): 1,139 spans sent, 2 refused (invalid_trace_id 2), 1 place unreadable.` */
function lineOf(account: ImportAccount): string {
  const { file, format, spans, rejected, unreadable, furtherProblems } = account;
  const reasons = Object.entries(account.reasons).map(([reason, n]) => `${reason} ${n}`);
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  const unread = unreadable === 0 ? '' : `, ${counted(unreadable, 'place')} unreadable`;
  const more = furtherProblems === 0 ? '' : `; ${furtherProblems} more problems are not named`;
  const what = format === null ? '' : ` (${format})`;
  return `${file}${what}: ${counted(spans, 'span')} sent, ${rejected} refused${why}${unread}${more}.`;
}
