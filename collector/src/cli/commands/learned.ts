import { userInfo } from 'node:os';
import {
  workflowDetail,
  type LearnedView,
  type WorkflowDetail,
} from '@throughline/model/api/catalog';
import type { Command } from 'commander';
import { clean } from '../clean.js';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { table } from '../table.js';

interface Deciding {
  readonly by?: string;
  readonly note?: string;
}

interface Correcting extends Deciding {
  readonly deadline?: string;
  readonly notExpected?: true;
}

/** `learned`: what runs taught of a workflow, and what a person says over it. */
export function addLearnedCommands(program: Command, io: CliIo): void {
  const learned = program
    .command('learned')
    .description('what runs taught: to read, to correct, to forget');
  learned
    .command('list')
    .description('what follows what in a workflow, and by when it is awaited')
    .argument('<workflow>')
    .action(async (workflow: string, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const path = `/workflows/${encodeURIComponent(workflow)}`;
      const answer = await context.api.get(path, workflowDetail);
      const { learned: reactions, corrections } = answer;
      context.print({ learned: reactions, corrections }, () => textOf(answer));
    });
  deciding(learned.command('correct'))
    .description('another deadline for a reaction, or that it need not follow')
    .argument('<workflow>')
    .argument('<id>', 'as `learned list` names it')
    .option('--deadline <duration>', 'in place of the learned one, such as 5m')
    .option('--not-expected', 'it need not follow')
    .action(async (workflow: string, id: string, options: Correcting, command) => {
      const { deadline, notExpected } = options;
      if ((deadline === undefined) === (notExpected === undefined)) {
        throw new CliFault(EXIT.usage, 'Say either --deadline or --not-expected');
      }
      const said = deadline === undefined ? { expected: false } : { deadline };
      const context = contextOf(command as Command, io);
      await say(context, { workflow, id, act: 'correct' }, { ...options, said });
    });
  for (const [act, does] of [
    ['reset', 'forget what runs taught so far: all of the workflow, or one reaction'],
    ['restore', 'take back what people said: of the workflow as a whole, or of one reaction'],
  ] as const) {
    deciding(learned.command(act))
      .description(does)
      .argument('<workflow>')
      .argument('[id]', 'one reaction only')
      .action(async (workflow: string, id: string | undefined, options: Deciding, command) => {
        const context = contextOf(command as Command, io);
        await say(context, { workflow, id: id ?? null, act }, { ...options, said: {} });
      });
  }
}

function deciding(command: Command): Command {
  return command
    .option('--by <name>', 'who decides this; who is logged in unless given')
    .option('--note <text>', 'why');
}

interface Subject {
  readonly workflow: string;
  readonly id: string | null;
  readonly act: 'correct' | 'reset' | 'restore';
}

async function say(
  context: CommandContext,
  { workflow, id, act }: Subject,
  { by, note, said }: Deciding & { readonly said: object },
): Promise<void> {
  const reaction = id === null ? '' : `/learned/${encodeURIComponent(id)}`;
  const path = `/api/v1/workflows/${encodeURIComponent(workflow)}${reaction}/${act}`;
  const response = await context.api.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      actor: by ?? whoIsLoggedIn(),
      ...(note === undefined ? {} : { note }),
      ...said,
    }),
  });
  const answer = workflowDetail.parse(await response.json());
  const { learned, corrections } = answer;
  context.print({ learned, corrections }, () => textOf(answer));
}

function whoIsLoggedIn(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have no name.
    throw new CliFault(EXIT.usage, 'Say with --by who decides this');
  }
}

function textOf({ name, learned, corrections }: WorkflowDetail): string {
  const whole = corrections.find(({ reaction }) => reaction === null);
  const forgotten =
    whole === undefined || whole.forgottenBefore === null
      ? []
      : [`What runs did before ${whole.forgottenBefore} was forgotten (${clean(whole.actor)}).`];
  const listed =
    learned.length === 0 ? `Nothing was learned of ${clean(name)} yet.` : tableOf(learned);
  return [...forgotten, listed].join('\n');
}

function tableOf(learned: readonly LearnedView[]): string {
  return table(learned, [
    { title: 'ID', of: ({ id }) => id },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'AFTER', of: ({ after }) => clean(after) },
    { title: 'WHAT', of: ({ what, by }) => clean(by === null ? what : `${by} ${what}`) },
    { title: 'WHERE', of: whereOf },
    { title: 'SHARE', of: ({ share }) => `${(share * 100).toFixed(1)} %`, align: 'right' },
    { title: 'RUNS', of: ({ runs }) => String(runs), align: 'right' },
    { title: 'DEADLINE', of: ({ deadlineMs }) => `${deadlineMs / 1_000} s`, align: 'right' },
    { title: 'SAID BY', of: ({ correction }) => clean(correction?.actor ?? '') },
  ]);
}

function whereOf({ condition }: LearnedView): string {
  if (condition === null) return '';
  const { attribute, values, except } = condition;
  return clean(`${attribute} ${except ? '≠' : '='} ${values.join(', ')}`);
}
