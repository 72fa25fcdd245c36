import { statsView } from '@throughline/model/api/catalog';
import type { Command } from 'commander';
import { z } from 'zod';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';

interface Diagnosis {
  readonly name: string;
  readonly ok: boolean;
  readonly says: string;
  readonly fix?: string;
}

const readiness = z.object({ status: z.string(), reasons: z.array(z.string()) });

export function addDoctorCommand(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('look whether everything works, and say how to mend what does not')
    .action(async (_options: unknown, command: Command) => {
      await doctor(contextOf(command, io));
    });
}

async function doctor(context: CommandContext): Promise<void> {
  const found: Diagnosis[] = [nodeVersion(), await ready(context)];
  found.push(await intake(context), await accounting(context), await pages(context));
  const isWell = found.every(({ ok }) => ok);
  context.print({ ok: isWell, checks: found }, () =>
    found
      .map(({ name, ok, says, fix }) => {
        const mark = ok ? context.paint('green', 'ok  ') : context.paint('red', 'bad ');
        return `${mark} ${name}: ${says}${fix === undefined ? '' : `\n     fix: ${fix}`}`;
      })
      .join('\n'),
  );
  if (!isWell) throw new CliFault(EXIT.failed, 'Not everything is well');
}

function nodeVersion(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const says = `version ${process.versions.node}`;
  return ok
    ? { name: 'node', ok, says }
    : { name: 'node', ok, says, fix: 'Install Node.js 20.19 or newer.' };
}

async function ready({ api }: CommandContext): Promise<Diagnosis> {
  const response = await api.attempt('/readyz?verbose');
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) {
    const fix = 'Another program answers on this port: name the collector with --server.';
    return { name: 'collector', ok: false, says: `${api.server} is not a collector`, fix };
  }
  return parsed.data.status === 'ready'
    ? { name: 'collector', ok: true, says: `ready at ${api.server}` }
    : {
        name: 'collector',
        ok: false,
        says: parsed.data.reasons.join('; '),
        fix: 'Wait, or read its log.',
      };
}

/** An empty request is a valid one: it goes the whole way and leaves nothing behind. */
async function intake({ api }: CommandContext): Promise<Diagnosis> {
  const response = await api.attempt('/v1/traces', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceSpans":[]}',
  });
  return response.ok
    ? { name: 'OTLP', ok: true, says: `${api.server}/v1/traces takes spans` }
    : {
        name: 'OTLP',
        ok: false,
        says: `${api.server}/v1/traces answered ${response.status}`,
        fix: 'See /readyz for the cause.',
      };
}

async function accounting({ api }: CommandContext): Promise<Diagnosis> {
  const stats = await api.get('/stats', statsView);
  const sum = (reasons: Readonly<Record<string, number>>): number =>
    Object.values(reasons).reduce((total, n) => total + n, 0);
  const lost = sum(stats.rejected) + sum(stats.dropped);
  const says = `${stats.received} spans received, ${lost} refused or dropped, last ${stats.lastReceivedAt ?? 'never'}`;
  if (stats.total.received > 0) return { name: 'spans', ok: true, says };
  const fix = `Send some: OTEL_EXPORTER_OTLP_ENDPOINT=${api.server} in the service's environment.`;
  return { name: 'spans', ok: true, says, fix };
}

async function pages({ api }: CommandContext): Promise<Diagnosis> {
  const response = await api.attempt('/', { headers: { accept: 'text/html' } });
  return response.ok
    ? { name: 'pages', ok: true, says: `${api.server}/ shows the UI` }
    : { name: 'pages', ok: false, says: 'the UI is not built', fix: 'Run `npm run build`.' };
}
