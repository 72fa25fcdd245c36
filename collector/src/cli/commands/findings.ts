import {
  deadLetterView,
  findingView,
  type DeadLetterView,
  type FindingView,
} from '@throughline/model/api/findings';
import { page } from '@throughline/model/api/primitives';
import type { Command } from 'commander';
import { clean } from '../clean.js';
import { contextOf, type CommandContext } from '../command-context.js';
import type { CliIo } from '../io.js';
import type { Paint } from '../paint.js';
import { counted } from '../counted.js';
import { table } from '../table.js';

const SEVERITY_STYLE = { critical: 'red', warning: 'yellow', info: 'blue' } as const;

interface FindingsOptions {
  readonly rule?: string;
  readonly state: string;
  readonly workflow?: string;
}

export function addFindingCommands(program: Command, io: CliIo): void {
  program
    .command('findings')
    .description('what is wrong, where, since when, and what to do next')
    .option('--rule <rule>', 'only this rule, for example stalled-run')
    .option('--state <state>', 'open, acknowledged or closed', 'open')
    .option('--workflow <name>', 'only this workflow')
    .action(async (options: FindingsOptions, command: Command) => {
      const context = contextOf(command, io);
      const answer = await context.api.get('/findings', page(findingView), {
        ...options,
        limit: 500,
      });
      context.print(answer, () => findingsText(answer.items, context));
    });
  program
    .command('dead-letters')
    .description('what waits in dead-letter destinations, grouped by cause')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command, io);
      await deadLetters(context);
    });
}

function findingsText(findings: readonly FindingView[], { api, paint }: CommandContext): string {
  if (findings.length === 0) return 'Nothing found.';
  return [...findings.map((finding) => findingText(finding, paint)), `${api.server}/findings`].join(
    '\n\n',
  );
}

export function findingText(finding: FindingView, paint: Paint): string {
  const head = `${paint(SEVERITY_STYLE[finding.severity], finding.severity)}  ${finding.rule}  ${clean(finding.where)}`;
  return [
    head,
    `  ${clean(finding.sentence)}`,
    ...finding.next.map(
      ({ text, command }) =>
        `  next: ${clean(text)}${command === undefined ? '' : `: ${clean(command)}`}`,
    ),
    `  since ${finding.openedAt}, ${counted(finding.runsAffected, 'run')}, ${finding.id}`,
  ].join('\n');
}

async function deadLetters(context: CommandContext): Promise<void> {
  const answer = await context.api.get('/dead-letters', page(deadLetterView), { limit: 500 });
  const waiting = answer.items.filter(({ count }) => count > 0);
  context.print(answer, () => {
    if (waiting.length === 0) return 'No dead letters wait.';
    const lines = waiting.flatMap(({ destination, redrive }) =>
      redrive === null ? [] : [`  ${clean(destination)}: ${clean(redrive)}`],
    );
    const told = table(waiting.flatMap(causesOf), [
      { title: 'DESTINATION', of: ({ destination }) => clean(destination) },
      { title: 'COUNT', of: ({ count }) => String(count), align: 'right' },
      { title: 'RUNS', of: ({ runCount }) => String(runCount ?? '-'), align: 'right' },
      { title: 'CAME BACK', of: ({ cameBack }) => (cameBack === 0 ? '-' : `×${cameBack}`) },
      { title: 'OLDEST', of: ({ oldestAt }) => oldestAt ?? '-' },
      { title: 'REASON', of: ({ reason }) => clean(reason) },
      { title: 'EVENT', of: ({ eventType }) => clean(eventType ?? '-') },
      {
        title: 'SERVICE',
        of: ({ service, version }) => clean([service, version].filter(Boolean).join(' ') || '-'),
      },
    ]);
    return lines.length === 0 ? told : [told, '', 'To send them back:', ...lines].join('\n');
  });
}

interface Cause {
  readonly destination: string;
  readonly count: number;
  readonly runCount: number | null;
  readonly cameBack: number;
  readonly oldestAt: string | null;
  readonly reason: string;
  readonly eventType: string | null;
  readonly service: string | null;
  readonly version: string | null;
}

/** Where spans tell no cause, the place has one line all the same: its broker counts what lies there. */
function causesOf({ destination, groups, count, oldestAt }: DeadLetterView): readonly Cause[] {
  if (groups.length > 0) return groups.map((group) => ({ ...group, destination }));
  const unknown = { runCount: null, cameBack: 0, eventType: null, service: null, version: null };
  return [{ ...unknown, destination, count, oldestAt, reason: 'no span tells' }];
}
