import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
import { otlpDocuments } from '../otlp-documents.js';
import type { CliIo } from '../io.js';
import { findRun } from './runs.js';

interface ExportOptions {
  readonly format: string;
  readonly output?: string;
}

export function addTransferCommands(program: Command, io: CliIo): void {
  program
    .command('import')
    .description(
      'send the spans of a file: OTLP/JSON, one document or one per line; "-" reads stdin',
    )
    .argument('<file>')
    .action(async (file: string, _options: unknown, command: Command) => {
      await importFile(contextOf(command, io), file);
    });
  program
    .command('export')
    .description('write one run to a file or to stdout')
    .argument('<run>', 'business key, run id or trace id')
    .addOption(
      new Option('--format <format>', 'of the file')
        .choices(['json', 'otlp', 'mermaid', 'ocel', 'xes', 'evidence'])
        .default('json'),
    )
    .option('-o, --output <file>', 'instead of stdout')
    .action(async (text: string, options: ExportOptions, command: Command) => {
      await exportRun(contextOf(command, io), text, options);
    });
}

async function importFile(context: CommandContext, file: string): Promise<void> {
  const { io, api } = context;
  const bytes = file === '-' ? await io.readInput() : await readNamed(resolve(io.cwd, file));
  let spans = 0;
  let rejected = 0;
  for (const { document, place, spanCount } of otlpDocuments(bytes, file)) {
    const response = await api.request('/v1/traces', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: document,
    });
    const answer = (await response.json()) as {
      partialSuccess?: { rejectedSpans?: string; errorMessage?: string };
    };
    const refused = Number(answer.partialSuccess?.rejectedSpans ?? 0);
    if (refused > 0)
      io.say(`${place}: ${answer.partialSuccess?.errorMessage ?? 'spans were refused'}\n`);
    spans += spanCount - refused;
    rejected += refused;
  }
  context.print(
    { spans, rejected },
    () => `${spans} spans sent, ${rejected} refused.\n${api.server}/runs`,
  );
  if (rejected > 0) throw new CliFault(EXIT.failed, `${rejected} spans were refused`);
}

async function readNamed(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliFault(EXIT.usage, `${path} cannot be read: ${why}`);
  }
}

async function exportRun(
  context: CommandContext,
  text: string,
  options: ExportOptions,
): Promise<void> {
  const { id } = await findRun(context, text);
  const body = await context.api.text(`/runs/${id}/export`, { format: options.format });
  if (options.output === undefined) {
    context.io.out(body.endsWith('\n') ? body : `${body}\n`);
    return;
  }
  await writeFile(resolve(context.io.cwd, options.output), body);
  context.io.say(`${id} is in ${options.output}\n`);
}
