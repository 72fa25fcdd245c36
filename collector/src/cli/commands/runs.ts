import { page } from '@throughline/model/api/primitives';
import {
  runDetail,
  runItem,
  type RunDetail,
  type RunItem,
  type StepView,
} from '@throughline/model/api/runs';
import type { Command } from 'commander';
import { clean } from '../clean.js';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { keyText } from '../key-text.js';
import type { Paint } from '../paint.js';
import { sinceInstant } from '../since.js';
import { table } from '../table.js';

const STATUS_STYLE = {
  active: 'blue',
  completed: 'green',
  failed: 'red',
  compensated: 'yellow',
  cancelled: 'gray',
} as const;

interface RunsOptions {
  readonly since?: string;
  readonly limit: string;
  readonly sort?: string;
}

export function addRunCommands(program: Command, io: CliIo): void {
  program
    .command('runs')
    .description('list runs; QUERY as in the UI: status:active workflow:checkout key:8123')
    .argument('[query...]', 'terms joined by AND')
    .option('--since <time>', 'only runs with activity since: 1h, 2d or an RFC 3339 instant')
    .option('--sort <order>', 'lastActivityAt, startedAt or duration, "-" before it for descending')
    .option('--limit <n>', 'at most so many', '50')
    .action(async (query: string[], options: RunsOptions, command: Command) => {
      await listRuns(contextOf(command, io), query.join(' '), options);
    });
  program
    .command('run')
    .description('show one run by business key, run id or trace id')
    .argument('<run>', 'for example 8123, order:8123, r_…, or 32 hex digits')
    .action(async (text: string, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const run = await findRun(context, text);
      context.print(run, () => runText(run, context));
    });
  program
    .command('explain')
    .description('say in a sentence where a run stands, and why')
    .argument('<run>', 'business key, run id or trace id')
    .action(async (text: string, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const run = await findRun(context, text);
      context.print(explanation(run), () => explanationText(run, context));
    });
}

async function listRuns(context: CommandContext, q: string, options: RunsOptions): Promise<void> {
  const answer = await context.api.get('/runs', page(runItem), {
    q: q === '' ? undefined : q,
    from: options.since === undefined ? undefined : sinceInstant(options.since),
    limit: options.limit,
    sort: options.sort,
  });
  context.print(answer, () => {
    if (answer.items.length === 0) return 'No run matches.';
    const more = answer.next === null ? '' : `\nThere are more: raise --limit or narrow the query.`;
    return `${runTable(answer.items, context.paint)}${more}\n${context.api.server}/runs`;
  });
}

/** @throws CliFault when no run is called so, or several are. */
export async function findRun(context: CommandContext, text: string): Promise<RunDetail> {
  if (/^r_[\w-]{22}$/.test(text)) {
    return context.api.get(`/runs/${encodeURIComponent(text)}`, runDetail);
  }
  const { items } = await context.api.get('/runs', page(runItem), { key: text, limit: 10 });
  const [first, ...others] = items;
  if (first === undefined) {
    throw new CliFault(EXIT.failed, `No run has the key, id or trace "${clean(text)}"`);
  }
  if (others.length > 0) {
    const list = runTable(items, (_style, plain) => plain);
    throw new CliFault(EXIT.failed, `Several runs have the key "${clean(text)}":\n${list}`);
  }
  return context.api.get(`/runs/${first.id}`, runDetail);
}

function runTable(runs: readonly RunItem[], paint: Paint): string {
  return table(runs, [
    { title: 'RUN', of: ({ id }) => id },
    { title: 'WORKFLOW', of: ({ workflow }) => clean(workflow) },
    { title: 'STATUS', of: ({ status }) => paint(STATUS_STYLE[status], status) },
    { title: 'PATTERN', of: ({ pattern }) => pattern ?? '-' },
    { title: 'KEY', of: ({ keys }) => clean(keyText(keys)) },
    { title: 'STEPS', of: ({ stepCount }) => String(stepCount), align: 'right' },
    { title: 'ERRORS', of: ({ errorCount }) => String(errorCount), align: 'right' },
    { title: 'LAST ACTIVITY', of: ({ lastActivityAt }) => lastActivityAt },
    {
      title: 'WAITS FOR / FINDINGS',
      of: ({ waitingOn, findings }) =>
        clean(
          [...new Set(findings.map(({ rule }) => rule)), waitingOn ?? '']
            .filter(Boolean)
            .join(', '),
        ),
    },
  ]);
}

function runText(run: RunDetail, { api, paint }: CommandContext): string {
  const keys = run.keys.map(({ type, value }) => `${type}:${value}`).join(' ');
  return [
    paint('bold', `${clean(run.workflow)} ${clean(keys)}`),
    `${paint(STATUS_STYLE[run.status], run.status)}  ${run.pattern ?? 'no pattern yet'}  started ${run.startedAt}`,
    clean(run.sentence),
    '',
    stepTable(run.steps, paint),
    ...(run.stepsNext === null ? [] : [`(${run.stepCount - run.steps.length} more steps)`]),
    '',
    `${api.server}/runs/${run.id}`,
  ].join('\n');
}

function stepTable(steps: readonly StepView[], paint: Paint): string {
  const style = { ok: 'green', error: 'red', pending: 'blue' } as const;
  return table(steps, [
    { title: 'STARTED', of: ({ startedAt }) => startedAt.slice(11) },
    { title: 'SERVICE', of: ({ service }) => clean(service) },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'STEP', of: ({ name }) => clean(name) },
    { title: 'STATUS', of: ({ status }) => paint(style[status], status) },
    { title: 'MS', of: ({ durationMs }) => durationMs?.toFixed(1) ?? '-', align: 'right' },
    { title: 'WAIT MS', of: ({ waitMs }) => waitMs?.toFixed(1) ?? '-', align: 'right' },
    { title: 'ERROR', of: ({ error }) => clean(error ?? '') },
  ]);
}

function explanation(run: RunDetail) {
  const { id, status, sentence, pattern, patternEvidence, promises, findings } = run;
  return { id, status, sentence, pattern, patternEvidence, promises, findings };
}

function explanationText(run: RunDetail, { api, paint }: CommandContext): string {
  const promises = run.promises.map(
    ({ state, what, by, dueAt, origin }) =>
      `  ${state}: ${what}${by === null ? '' : ` by ${by}`}, due ${dueAt} (${origin})`,
  );
  return [
    paint('bold', clean(run.sentence)),
    ...(promises.length === 0 ? [] : ['Promises:', ...promises.map(clean)]),
    `Pattern: ${run.pattern ?? 'none yet'}`,
    ...run.patternEvidence.because.map((text) => `  ${clean(text)}`),
    ...run.skewCorrections.map(
      ({ service, againstService, shiftMs }) =>
        `Clock: ${clean(service)} is ${shiftMs.toFixed(1)} ms off against ${clean(againstService)}`,
    ),
    `${api.server}/runs/${run.id}`,
  ].join('\n');
}
