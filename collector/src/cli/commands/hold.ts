import { holdView, type HoldView } from '@throughline/model/api/holds';
import { page } from '@throughline/model/api/primitives';
import type { Command } from 'commander';
import { clean } from '../clean.js';
import { contextOf, type CommandContext } from '../command-context.js';
import { counted } from '../counted.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { table } from '../table.js';

interface AddOptions {
  readonly run?: string;
  readonly note?: string;
}

/** `db hold`: asks a running collector, which knows what belongs to a run. */
export function addHoldCommands(db: Command, io: CliIo): void {
  const hold = db.command('hold').description('keep runs from retention');
  hold
    .command('add')
    .description('keep the stored requests of all runs with a key, or of one run')
    .argument('[key]', 'such as order:8123; later runs with it are kept too')
    .option('--run <id>', 'one run instead')
    .option('--note <text>', 'who, and why')
    .action(async (key: string | undefined, options: AddOptions, command: Command) => {
      await add(contextOf(command, io), { ...options, ...(key === undefined ? {} : { key }) });
    });
  hold
    .command('list')
    .description('what is kept')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const answer = await context.api.get('/holds', page(holdView), { limit: 500 });
      context.print(answer, () =>
        answer.items.length === 0 ? 'Nothing is held.' : holdTable(answer.items),
      );
    });
  hold
    .command('lift')
    .description('let retention take again what the hold kept')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      await context.api.request(`/api/v1/holds/${encodeURIComponent(id)}`, { method: 'DELETE' });
      context.print({ id }, () => `${id} is lifted.`);
    });
}

async function add(
  context: CommandContext,
  wanted: AddOptions & { readonly key?: string },
): Promise<void> {
  if ((wanted.key === undefined) === (wanted.run === undefined)) {
    throw new CliFault(EXIT.usage, 'Name either a key or, with --run, one run');
  }
  const response = await context.api.request('/api/v1/holds', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
  });
  const held = holdView.parse(await response.json());
  context.print(held, () => {
    const what = `${counted(held.requests, 'stored request')} of ${counted(held.runs.length, 'run')}`;
    return `${held.id} keeps ${what}.`;
  });
}

function holdTable(holds: readonly HoldView[]): string {
  return table(holds, [
    { title: 'hold', of: ({ id }) => id },
    { title: 'keeps', of: ({ key, run }) => clean(key ?? run ?? '') },
    { title: 'runs', of: ({ runs }) => String(runs.length), align: 'right' },
    { title: 'requests', of: ({ requests }) => String(requests), align: 'right' },
    { title: 'since', of: ({ createdAt }) => createdAt },
    { title: 'note', of: ({ note }) => clean(note ?? '') },
  ]);
}
