import { ALERT_RULES, CONDITIONS, type Condition } from '@throughline/model/alert';
import { alertHealthView, type AlertHealthView } from '@throughline/model/api/alerts';
import {
  deadLetterView,
  findingView,
  type DeadLetterView,
  type FindingView,
} from '@throughline/model/api/findings';
import { page } from '@throughline/model/api/primitives';
import { nsFromMs, parseDurationMs } from '@throughline/model/time';
import type { Command } from 'commander';
import type { Parameters } from '../api-client.js';
import { clean } from '../clean.js';
import { contextOf, ExitWith, type CommandContext } from '../command-context.js';
import { counted } from '../counted.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { findingText } from './findings.js';

interface CheckOptions {
  readonly rule?: string[];
  readonly severity?: string;
  readonly workflow?: string;
  readonly max: string;
  readonly maxDlqAge?: string;
  readonly wait?: string;
}

const SEVERITIES = ['info', 'warning', 'critical'] as const;
const POLL_MS = 1_000;
const PAGE_MAX = 500;

/** A gate for pipelines and cron: exit 3 when there is more wrong than allowed. */
export function addCheckCommand(program: Command, io: CliIo): void {
  program
    .command('check')
    .description('exit 3 when there are open findings: a gate for pipelines and cron')
    .option('--rule <rule...>', 'only these rules; no-data and error are rules, too')
    .option('--severity <severity>', 'only this severity and graver ones: info, warning, critical')
    .option('--workflow <name>', 'only this workflow')
    .option('--max <n>', 'as many open findings are allowed', '0')
    .option('--max-dlq-age <duration>', 'a dead letter may wait so long, for example 10m')
    .option('--wait <duration>', 'watch so long before saying that nothing is found')
    .action(async (options: CheckOptions, command: Command) => {
      await check(contextOf(command, io), limitsOf(options));
    });
}

interface Limits {
  readonly rules: readonly string[] | null;
  readonly severities: readonly string[];
  readonly workflow: string | undefined;
  readonly max: number;
  readonly maxAge: string | undefined;
  readonly maxAgeMs: number | null;
  readonly waitMs: number;
}

/** @throws CliFault for what cannot be meant. */
function limitsOf(options: CheckOptions): Limits {
  const max = Number(options.max);
  if (!Number.isInteger(max) || max < 0) throw new CliFault(EXIT.usage, '--max is a whole number');
  const unknown = options.rule?.find((rule) => !(ALERT_RULES as readonly string[]).includes(rule));
  if (unknown !== undefined) {
    throw new CliFault(
      EXIT.usage,
      `--rule: "${unknown}" is no rule; there are ${ALERT_RULES.join(', ')}`,
    );
  }
  const lowest = SEVERITIES.findIndex((each) => each === (options.severity ?? 'info'));
  if (lowest < 0) {
    const text = `--severity: "${options.severity ?? ''}" is none of ${SEVERITIES.join(', ')}`;
    throw new CliFault(EXIT.usage, text);
  }
  return {
    rules: options.rule ?? null,
    severities: SEVERITIES.slice(lowest),
    workflow: options.workflow,
    max,
    maxAge: options.maxDlqAge,
    maxAgeMs: durationOf('--max-dlq-age', options.maxDlqAge),
    waitMs: durationOf('--wait', options.wait) ?? 0,
  };
}

function durationOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDurationMs(text);
  if (ms !== undefined) return ms;
  throw new CliFault(EXIT.usage, `${option}: "${text}" is no duration such as 10m`);
}

async function check(context: CommandContext, limits: Limits): Promise<void> {
  const { clock } = context.io;
  const untilNs = clock.now() + nsFromMs(limits.waitMs);
  for (;;) {
    const isLast = clock.now() >= untilNs;
    const found = await look(context, limits).catch((error: unknown) => {
      // A pipeline may start the collector and this command at once.
      const isUnreachable = error instanceof CliFault && error.exitCode === EXIT.unreachable;
      if (isLast || !isUnreachable) throw error;
      return null;
    });
    const isFound = found !== null && isTooMuch(found);
    if (found !== null && (isFound || isLast)) {
      tell(context, found);
      if (isFound) throw new ExitWith(EXIT.found);
      return;
    }
    await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
  }
}

function isTooMuch({ findings, conditions, letters, limits }: Found): boolean {
  return findings.length > limits.max || conditions.length > 0 || letters.length > 0;
}

function tell(context: CommandContext, found: Found): void {
  const { findings, conditions, letters } = found;
  const ok = !isTooMuch(found);
  context.print({ ok, findings, conditions, deadLetters: letters }, () =>
    [
      ...findings.map((finding) => findingText(finding, context.paint)),
      ...letters.map(
        ({ destination, count, oldestAt }) =>
          `${clean(destination)} holds ${count}, oldest ${oldestAt ?? ''}`,
      ),
      ...conditions.map(({ rule, sentence }) => `${rule}  ${sentence}`),
      verdict(found),
    ].join('\n\n'),
  );
}

async function look(context: CommandContext, limits: Limits): Promise<Found> {
  const { rules, severities, workflow } = limits;
  const wanted = rules?.filter((rule) => !isCondition(rule));
  const open = wanted?.length === 0 ? [] : await allOpen(context, { rule: wanted, workflow });
  const findings = open.filter(({ severity }) => severities.includes(severity));
  const health = await context.api.get('/alerts/health', alertHealthView);
  const conditions = conditionsOf(health).filter(
    (each) =>
      (rules === null || rules.includes(each.rule)) &&
      (workflow === undefined || each.workflow === workflow),
  );
  return {
    findings,
    conditions,
    letters: await agedDeadLetters(context, limits.maxAgeMs),
    limits,
  };
}

/** Open findings, page after page; acknowledged ones are somebody's already. */
async function allOpen({ api }: CommandContext, parameters: Parameters) {
  const found: FindingView[] = [];
  let cursor: string | undefined;
  do {
    const answer = await api.get('/findings', page(findingView), {
      ...parameters,
      state: 'open',
      limit: PAGE_MAX,
      cursor,
    });
    found.push(...answer.items);
    cursor = answer.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

interface Unknown {
  readonly rule: Condition;
  readonly workflow: string | null;
  readonly sentence: string;
}

/** Silence, and telling that fails: whether all is well is not known then, which is never "nothing found". */
function conditionsOf({ evaluation, watches, heartbeat, failingReceivers }: AlertHealthView) {
  const error = (sentence: string): Unknown => ({ rule: 'error', workflow: null, sentence });
  return [
    ...watches
      .filter(({ state }) => state === 'no-data')
      .map(({ kind, name, silentSince }): Unknown => ({
        rule: 'no-data',
        workflow: kind === 'workflow' ? name : null,
        sentence: `${clean(`${kind} ${name}`.trim())} has been silent since ${silentSince}`,
      })),
    ...(evaluation.error === null
      ? []
      : [error(`alerts cannot be evaluated: ${clean(evaluation.error)}`)]),
    ...failingReceivers.map((name) => error(`the receiver ${clean(name)} takes nothing`)),
    ...(heartbeat?.state === 'failing' ? [error(`the heartbeat is not taken`)] : []),
  ];
}

function isCondition(rule: string): boolean {
  return (CONDITIONS as readonly string[]).includes(rule);
}

interface Found {
  readonly findings: readonly FindingView[];
  readonly conditions: readonly Unknown[];
  readonly letters: readonly DeadLetterView[];
  readonly limits: Limits;
}

/** `2 findings above the limits (0 allowed): 1 stalled-run, 1 missing-consumer.` */
function verdict({ findings, conditions, letters, limits: { max, maxAge } }: Found): string {
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
  if (conditions.length > 0) parts.push('Whether all is well is not known.');
  if (parts.length > 0) return parts.join(' ');
  return findings.length === 0
    ? 'Nothing found.'
    : `${counted(findings.length, 'finding')} within the limits (${max} allowed): ${list}.`;
}

async function agedDeadLetters({ api }: CommandContext, maxMs: number | null) {
  if (maxMs === null) return [];
  const { items } = await api.get('/dead-letters', page(deadLetterView), { limit: PAGE_MAX });
  return items.filter(({ oldestAgeMs }) => oldestAgeMs !== null && oldestAgeMs > maxMs);
}
