import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { contextOf, type CommandContext } from '../command-context.js';
import type { CliIo } from '../io.js';
import { findRun } from './runs.js';

interface ExportOptions {
  readonly format: string;
  readonly output?: string;
}

export function addExportCommand(program: Command, io: CliIo): void {
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
