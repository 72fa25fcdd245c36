import type { AlertPreviewView } from '@throughline/model/api/alerts';
import { formatInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import type { FindingHistory } from './alert/finding-history.js';
import { preview, type Firing } from './alert/preview.js';
import { spoken } from './alert/spoken.js';
import type { WantedPreview } from './query/sources.js';

/** Firings that are listed, the newest; the count is of all. */
const LISTED_MAX = 100;

/** What a route would have told, had it been there. */
export function previewView(
  history: FindingHistory,
  wanted: WantedPreview,
  now: UnixNs,
): AlertPreviewView {
  const { match, forMs, repeatMs, windowMs } = wanted;
  const fromNs = (now - nsFromMs(windowMs)) as UnixNs;
  const { firings, tooShort } = preview(history.episodes(), wanted, { fromNs, now });
  const historyFromNs = history.fromNs;
  const isComplete = historyFromNs !== null && historyFromNs <= fromNs;
  return {
    match: { ...match },
    forMs,
    repeatMs,
    from: formatInstant(fromNs),
    to: formatInstant(now),
    historyFrom: historyFromNs === null ? null : formatInstant(historyFromNs),
    isComplete,
    fired: firings.length,
    notices: firings.reduce((sum, each) => sum + noticesOf(each), 0),
    tooShort,
    sentence: [
      `It would have fired ${times(firings.length)} in ${spoken(nsFromMs(windowMs))}.`,
      ...(isComplete ? [] : [reach(historyFromNs, now)]),
    ].join(' '),
    items: firings.slice(-LISTED_MAX).reverse().map(itemOf),
  };
}

function noticesOf({ repeats, resolvedAtNs }: Firing): number {
  return 1 + repeats + Number(resolvedAtNs !== null);
}

function itemOf(firing: Firing): AlertPreviewView['items'][number] {
  const { finding, runsAffected, firedAtNs, resolvedAtNs, repeats } = firing;
  const { id, rule, severity, workflow, where, sentence } = finding;
  return {
    findingId: id,
    rule,
    severity,
    workflow,
    where,
    sentence,
    runsAffected,
    firedAt: formatInstant(firedAtNs),
    resolvedAt: resolvedAtNs === null ? null : formatInstant(resolvedAtNs),
    repeats,
  };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function reach(historyFromNs: UnixNs | null, now: UnixNs): string {
  if (historyFromNs === null) return 'Nothing is remembered yet.';
  return `Findings are remembered for the last ${spoken(now - historyFromNs)} only.`;
}
