import { statsView } from '@throughline/model/api/catalog';
import type { Command } from 'commander';
import { z } from 'zod';
import { contextOf, type CommandContext } from '../command-context.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { roundTrip } from '../round-trip.js';

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
  const collector = await ready(context);
  const found: Diagnosis[] = [nodeVersion(), collector];
  if (collector.ok) {
    found.push(
      await answered('OTLP', () => intake(context)),
      await answered('spans', () => accounting(context)),
      await pages(context),
    );
  }
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

/** An answer that the API should not give is a diagnosis too. No answer at all ends the command. */
async function answered(name: string, check: () => Promise<Diagnosis>): Promise<Diagnosis> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof CliFault) || error.exitCode === EXIT.unreachable) throw error;
    const fix = error.remedy;
    return { name, ok: false, says: error.message, ...(fix === null ? {} : { fix }) };
  }
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
    const fix =
      'Another program answers there: name the collector with --server, 4318 is its usual port.';
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

/** A test span goes the whole way, there and back. */
async function intake({ api, io }: CommandContext): Promise<Diagnosis> {
  const trip = await roundTrip(api, io.clock);
  const url = `${api.server}/v1/traces`;
  switch (trip.kind) {
    case 'shown': {
      const says = `a test span came back after ${Math.round(trip.tookMs)} ms, as run ${trip.runId}`;
      return { name: 'OTLP', ok: true, says };
    }
    case 'lost': {
      const says = `${url} took a test span, and no run shows it`;
      return { name: 'OTLP', ok: false, says, fix: `Look at ${api.server}/readyz and at the log.` };
    }
    case 'refused': {
      const answer = trip.status === null ? `failed: ${trip.why}` : `answered ${trip.status}`;
      return { name: 'OTLP', ok: false, says: `${url} ${answer}`, fix: mending(trip.status) };
    }
  }
}

function mending(status: number | null): string {
  switch (status) {
    case 404:
    case 405:
      return 'Spans are taken at the address of `server.listen`; with `ui.listen` that is another one.';
    case 401:
    case 403:
      return 'Let this host in (`server.allowed_hosts`), or see what a proxy before the collector asks for.';
    case 429:
    case 503:
      return 'The collector has no room now: see /readyz for the cause, and try again.';
    default:
      return status === null
        ? 'Look whether a proxy or firewall stands between here and the collector.'
        : 'See the log of the collector, and what OTEL_EXPORTER_OTLP_* say in this environment.';
  }
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
