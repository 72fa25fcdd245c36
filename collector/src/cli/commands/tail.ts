import { runItem, type RunItem } from '@throughline/model/api/runs';
import type { ClientToServer, ServerToClient } from '@throughline/model/socket-events';
import type { Command } from 'commander';
import { io as connect, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { clean } from '../clean.js';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { keyText } from '../key-text.js';

type Connection = Socket<ServerToClient, ClientToServer>;

const SUBSCRIPTION = 'tail';
const listBody = z.object({ items: z.array(runItem) });
const deltaBody = z.object({ upsert: z.array(runItem).optional() });

export function addTailCommand(program: Command, io: CliIo): void {
  program
    .command('tail')
    .description('print runs as they change, until Ctrl-C')
    .argument('[query...]', 'terms joined by AND')
    .action(async (query: string[], _options: unknown, command: Command) => {
      await tail(contextOf(command, io), query.join(' '));
    });
}

async function tail(context: CommandContext, q: string): Promise<void> {
  const socket: Connection = connect(context.api.server, { transports: ['websocket'] });
  try {
    await new Promise<void>((resolve, reject) => {
      follow({ socket, context, q, fail: reject });
      context.io.untilStopped().then(resolve, reject);
    });
  } finally {
    socket.close();
  }
}

interface Followed {
  readonly socket: Connection;
  readonly context: CommandContext;
  readonly q: string;
  readonly fail: (fault: CliFault) => void;
}

function follow({ socket, context, q, fail }: Followed): void {
  let seq = 0;
  const subscribe = (): void => {
    const params: Record<string, string> = q === '' ? {} : { q };
    socket.emit('subscribe', { subscription: SUBSCRIPTION, view: 'runs', params });
  };
  const show = (runs: readonly RunItem[]): void => {
    for (const run of runs) {
      context.io.out(`${context.wantsJson ? JSON.stringify(run) : runLine(run)}\n`);
    }
  };
  socket.on('connect', subscribe);
  socket.on('connect_error', ({ message }) => {
    fail(
      new CliFault(EXIT.unreachable, `No collector answers at ${context.api.server}: ${message}`),
    );
  });
  socket.on('snapshot', (message) => {
    seq = message.seq;
    show(listBody.parse(message.body).items.slice(0, 10).reverse());
  });
  socket.on('delta', (message) => {
    const isNext = message.seq === seq + 1;
    seq = message.seq;
    if (isNext) show(deltaBody.parse(message.body).upsert ?? []);
    else subscribe();
  });
  socket.on('fault', ({ detail }) => fail(new CliFault(EXIT.usage, detail)));
}

function runLine(run: RunItem): string {
  const rules = [...new Set(run.findings.map(({ rule }) => rule))].join(', ');
  const waits = run.waitingOn === null ? '' : `  waits for ${run.waitingOn}`;
  return clean(
    `${run.lastActivityAt}  ${run.status}  ${run.workflow} ${keyText(run.keys)}  ${run.stepCount} steps${waits}${rules === '' ? '' : `  [${rules}]`}`,
  );
}
