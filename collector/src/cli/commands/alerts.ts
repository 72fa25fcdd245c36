import {
  alertHealthView,
  alertPreviewView,
  alertView,
  type AlertHealthView,
  type AlertPreviewView,
  type AlertView,
} from '@throughline/model/api/alerts';
import { page } from '@throughline/model/api/primitives';
import type { Command } from 'commander';
import type { AlertRoute } from '../../config/config.js';
import { loadConfig } from '../../config/load-config.js';
import { clean } from '../clean.js';
import { contextOf, type CommandContext } from '../command-context.js';
import type { CliIo } from '../io.js';
import { table } from '../table.js';

interface PreviewOptions {
  readonly rule?: string;
  readonly workflow?: string;
  readonly service?: string;
  readonly severity?: string;
  readonly for: string;
  readonly repeat: string;
  readonly window: string;
  readonly config?: string;
}

export function addAlertCommands(program: Command, io: CliIo): void {
  const alerts = program
    .command('alerts')
    .description('who is told of what, and whether telling works')
    .action(async (_options: unknown, command: Command) => {
      await list(contextOf(command, io));
    });
  alerts
    .command('preview')
    .description('what a route would have told, from the findings as they were')
    .option('--rule <rule>', 'only this rule, for example stalled-run')
    .option('--workflow <name>', 'only this workflow')
    .option('--service <name>', 'only this service')
    .option('--severity <severity>', 'critical, warning or info')
    .option('--for <duration>', 'how long a finding must hold before anybody is told', '0s')
    .option('--repeat <duration>', 'told again after so long, 0s: never', '4h')
    .option('--window <duration>', 'how far back', '24h')
    .option('--config <file>', 'every route of this file instead of one')
    .action(async (options: PreviewOptions, command: Command) => {
      await preview(contextOf(command, io), options);
    });
}

async function list(context: CommandContext): Promise<void> {
  const { items } = await context.api.get('/alerts', page(alertView), { limit: 500 });
  const health = await context.api.get('/alerts/health', alertHealthView);
  context.print({ health, items }, () => [healthText(health), alertsText(items)].join('\n\n'));
}

function healthText({ state, evaluation, watches, failingReceivers, heartbeat }: AlertHealthView) {
  const silent = watches.filter((watch) => watch.state === 'no-data');
  return [
    `Telling: ${state}`,
    ...(evaluation.error === null ? [] : [`  evaluation: ${clean(evaluation.error)}`]),
    ...silent.map(
      ({ kind, name, silentSince }) => `  no data: ${kind} ${clean(name)} since ${silentSince}`,
    ),
    ...failingReceivers.map((name) => `  error: the receiver ${clean(name)} takes nothing`),
    ...(heartbeat === null || heartbeat.lastError === null
      ? []
      : [`  heartbeat to ${clean(heartbeat.to)}: ${clean(heartbeat.lastError)}`]),
  ].join('\n');
}

function alertsText(items: readonly AlertView[]): string {
  if (items.length === 0) return 'Nobody is being told of anything.';
  return table(items, [
    { title: 'STATE', of: ({ state }) => state },
    { title: 'RECEIVER', of: ({ receiver }) => clean(receiver) },
    { title: 'SINCE', of: ({ startedAt }) => startedAt },
    { title: 'WAITING', of: ({ waiting }) => String(waiting.length), align: 'right' },
    { title: 'FINDING', of: ({ finding }) => clean(finding.sentence) },
  ]);
}

async function preview(context: CommandContext, options: PreviewOptions): Promise<void> {
  const { config, window, ...route } = options;
  if (config === undefined) {
    const answer = await context.api.get('/alerts/preview', alertPreviewView, { ...route, window });
    context.print(answer, () => previewText(answer));
    return;
  }
  const { io } = context;
  const { alerts } = loadConfig({ flags: { config }, env: io.env, cwd: io.cwd });
  const answers: { receiver: string; preview: AlertPreviewView }[] = [];
  for (const each of alerts.routes) {
    const parameters = { ...parametersOf(each), window };
    const answer = await context.api.get('/alerts/preview', alertPreviewView, parameters);
    answers.push({ receiver: each.receiver, preview: answer });
  }
  context.print({ routes: answers }, () =>
    answers
      .map(
        ({ receiver, preview: one }) =>
          `${matchText(one)} → ${clean(receiver)}\n${previewText(one)}`,
      )
      .join('\n\n'),
  );
}

function parametersOf({ match, forMs, repeatMs }: AlertRoute) {
  return {
    rule: match.rule ?? undefined,
    workflow: match.workflow ?? undefined,
    service: match.service ?? undefined,
    severity: match.severity ?? undefined,
    for: `${forMs}ms`,
    repeat: `${repeatMs}ms`,
  };
}

function matchText({ match }: AlertPreviewView): string {
  const said = Object.entries(match).flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${clean(value)}`],
  );
  return said.length === 0 ? 'everything' : said.join(', ');
}

function previewText({ sentence, tooShort, items }: AlertPreviewView): string {
  return [
    sentence,
    ...(tooShort === 0 ? [] : [`${tooShort} more held for less than the route asks.`]),
    ...items.map(
      ({ firedAt, resolvedAt, rule, where }) =>
        `  ${firedAt}  ${rule}  ${clean(where)}  ${resolvedAt === null ? 'fires still' : `until ${resolvedAt}`}`,
    ),
  ].join('\n');
}
