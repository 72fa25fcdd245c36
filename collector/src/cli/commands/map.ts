import { mapView, type MapView } from '@throughline/model/api/map';
import type { Command } from 'commander';
import { Option } from 'commander';
import { clean } from '../clean.js';
import { contextOf } from '../command-context.js';
import type { CliIo } from '../io.js';
import { sinceInstant } from '../since.js';
import { table } from '../table.js';

interface MapOptions {
  readonly workflow?: string;
  readonly since?: string;
  readonly level?: string;
  readonly format: 'list' | 'mermaid';
}

export function addMapCommand(program: Command, io: CliIo): void {
  program
    .command('map')
    .description('who sends to whom through which destination; ghosts are expected and not seen')
    .option('--workflow <name>', 'only what runs of this workflow moved')
    .option('--since <time>', 'only since: 1h, 2d or an RFC 3339 instant')
    .option('--level <level>', 'destination, or event for one line per message type')
    .addOption(new Option('--format <format>').choices(['list', 'mermaid']).default('list'))
    .action(async (options: MapOptions, command: Command) => {
      const context = contextOf(command, io);
      const map = await context.api.get('/map', mapView, {
        workflow: options.workflow,
        level: options.level,
        from: options.since === undefined ? undefined : sinceInstant(options.since),
      });
      context.print(map, () => (options.format === 'mermaid' ? mapMermaid(map) : mapText(map)));
    });
}

function mapText(map: MapView): string {
  if (map.edges.length === 0) return 'Nothing moved, and nothing is declared.';
  const names = namesOf(map);
  return table(map.edges, [
    { title: 'FROM', of: ({ from }) => names(from) },
    { title: 'KIND', of: ({ kind, ghost }) => (ghost ? `${kind} (not seen)` : kind) },
    { title: 'TO', of: ({ to }) => names(to) },
    { title: 'COUNT', of: ({ count }) => String(count), align: 'right' },
    { title: 'ERRORS', of: ({ errorCount }) => String(errorCount), align: 'right' },
    { title: 'PER MIN', of: ({ ratePerMinute }) => ratePerMinute.toFixed(1), align: 'right' },
    { title: 'P95 MS', of: ({ p95Ms }) => p95Ms?.toFixed(1) ?? '-', align: 'right' },
    { title: 'MESSAGES', of: ({ messageTypes }) => clean(messageTypes.join(', ')) },
  ]);
}

function mapMermaid(map: MapView): string {
  const ids = new Map(map.nodes.map(({ id }, index) => [id, `n${index}`]));
  const label = (text: string): string =>
    text.replace(/[^\p{L}\p{N} ._:/@-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`);
  const nodes = map.nodes.map(({ id, kind, name }) => {
    const [open, close] = kind === 'service' || kind === 'external' ? ['[', ']'] : ['([', '])'];
    return `  ${ids.get(id) ?? ''}${open}"${label(name)}"${close}`;
  });
  const edges = map.edges.map(
    ({ from, to, ghost }) =>
      `  ${ids.get(from) ?? ''} ${ghost ? '-.->' : '-->'} ${ids.get(to) ?? ''}`,
  );
  return ['flowchart LR', ...nodes, ...edges].join('\n');
}

function namesOf(map: MapView): (id: string) => string {
  const names = new Map(
    map.nodes.map(({ id, name, kind }) => [id, kind === 'service' ? name : `(${name})`]),
  );
  return (id) => clean(names.get(id) ?? id);
}
