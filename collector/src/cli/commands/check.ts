import {
  deadLetterView,
  findingView,
  type DeadLetterView,
  type FindingView,
} from '@throughline/model/api/findings';
import { page } from '@throughline/model/api/primitives';
import { RULES } from '@throughline/model/finding';
import { parseDurationMs } from '@throughline/model/time';
import type { Command } from 'commander';
import { clean } from '../clean.js';
import { contextOf, ExitWith, type CommandContext } from '../command-context.js';
import { counted } from '../counted.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { findingText } from './findings.js';

interface CheckOptions {
  readonly rule?: string[];
  readonly workflow?: string;
  readonly max: string;
  readonly maxDlqAge?: string;
}

/** A gate for pipelines and cron: exit 3 when there is more wrong than allowed. */
export function addCheckCommand(program: Command, io: CliIo): void {
  program
    .command('check')
    .description('exit 3 when there are open findings: a gate for pipelines and cron')
    .option('--rule <rule...>', 'only these rules')
    .option('--workflow <name>', 'only this workflow')
    .option('--max <n>', 'as many open findings are allowed', '0')
    .option('--max-dlq-age <duration>', 'a dead letter may wait so long, for example 10m')
    .action(async (options: CheckOptions, command: Command) => {
      await check(contextOf(command, io), options);
    });
}

async function check(context: CommandContext, options: CheckOptions): Promise<void> {
  const max = Number(options.max);
  if (!Number.isInteger(max) || max < 0) throw new CliFault(EXIT.usage, '--max is a whole number');
  const unknown = options.rule?.find((rule) => !(RULES as readonly string[]).includes(rule));
  if (unknown !== undefined) {
    throw new CliFault(
      EXIT.usage,
      `--rule: "${unknown}" is no rule; there are ${RULES.join(', ')}`,
    );
  }
  const { items: findings } = await context.api.get('/findings', page(findingView), {
    state: 'open',
    rule: options.rule,
    workflow: options.workflow,
    limit: 500,
  });
  const letters = await agedDeadLetters(context, options.maxDlqAge);
  const isFound = findings.length > max || letters.length > 0;
  context.print({ ok: !isFound, findings, deadLetters: letters }, () =>
    [
      ...findings.map((finding) => findingText(finding, context.paint)),
      ...letters.map(
        ({ destination, count, oldestAt }) =>
          `${clean(destination)} holds ${count}, oldest ${oldestAt ?? ''}`,
      ),
      verdict({ findings, letters, max, maxAge: options.maxDlqAge }),
    ].join('\n\n'),
  );
  if (isFound) throw new ExitWith(EXIT.found);
}

interface Found {
  readonly findings: readonly FindingView[];
  readonly letters: readonly DeadLetterView[];
  readonly max: number;
  readonly maxAge: string | undefined;
}

/** `2 findings above the limits (0 allowed): 1 stalled-run, 1 missing-consumer.` */
function verdict({ findings, letters, max, maxAge }: Found): string {
  const rules = new Map<string, number>();
  for (const { rule } of findings) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  const list = [...rules].map(([rule, count]) => `${count} ${rule}`).join(', ');
  const parts: string[] = [];
  if (findings.length > max) {
    parts.push(
      `${counted(findings.length, 'finding')} above the limits (${max} allowed): ${list}.`,
    );
  }
  if (letters.length > 0) {
    const places = letters.map(({ destination }) => clean(destination)).join(', ');
    parts.push(`Dead letters older than ${maxAge ?? ''} in ${places}.`);
  }
  if (parts.length > 0) return parts.join(' ');
  return findings.length === 0
    ? 'Nothing found.'
    : `${counted(findings.length, 'finding')} within the limits (${max} allowed): ${list}.`;
}

async function agedDeadLetters(context: CommandContext, maxAge: string | undefined) {
  if (maxAge === undefined) return [];
  const maxMs = parseDurationMs(maxAge);
  if (maxMs === undefined)
    throw new CliFault(EXIT.usage, `--max-dlq-age: "${maxAge}" is no duration such as 10m`);
  const { items } = await context.api.get('/dead-letters', page(deadLetterView), { limit: 500 });
  return items.filter(({ oldestAgeMs }) => oldestAgeMs !== null && oldestAgeMs > maxMs);
}
