import type { StatsView } from '@throughline/model/api/catalog';
import { formatInstant } from '@throughline/model/time';
import type { QuerySources, Tally } from '../sources.js';
import { instantOrNull } from './instants.js';

export function statsView(sources: QuerySources): StatsView {
  const reading = sources.tally();
  return {
    ...tallyView(reading.sinceStart),
    total: tallyView(reading.total),
    forward: forwardView(sources),
    startedAt: formatInstant(reading.startedAtNs),
    lastReceivedAt: instantOrNull(reading.lastReceivedAtNs),
    runs: sources.tables.runs.size,
    spansPerSecond: reading.spansPerSecond,
    version: sources.version,
  };
}

function forwardView(sources: QuerySources): StatsView['forward'] {
  const counts = sources.forwarded();
  return counts && { ...counts, failed: { ...counts.failed }, dropped: { ...counts.dropped } };
}

function tallyView({ rejected, dropped, ...counts }: Tally): StatsView['total'] {
  return { ...counts, rejected: { ...rejected }, dropped: { ...dropped } };
}
