import type { Evidence, NextStep } from '@throughline/model/finding';
import { msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { DeclaredTraffic } from '../declared-traffic.js';
import { findingId } from '../finding-id.js';
import { earlier, type Verdicts } from '../judging.js';
import { chanceOfLateness } from '../lateness.js';
import type { Movement, Mover } from '../watch/movement-watch.js';
import { agoText, countText, durationText, several } from '../wording.js';
import { affectedRuns } from './affected-runs.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** What is new is told for so long; then it is known. */
export const NEWS_MS = 86_400_000;

/**
 * How long a service has to be known, so that what comes once a week is no news, and by how many runs; and how many runs
 * have to show the new way: once is a rare branch as likely as not.
 */
const MIN_HISTORY_MS = 8 * 86_400_000;
const MIN_SAMPLES = 200;
const SHOWN_MIN = 3;
/** A branch that was always there, and rare, is as late and as close together by chance in one case of a million. */
const CHANCE_MAX = 1e-6;
/** A service that makes new places as it goes (a queue for each answer, a topic for each tenant) makes no news. */
const NEW_PLACES_MAX = 4;

export interface Found {
  readonly movement: Movement;
  readonly mover: Mover;
  readonly declared: DeclaredTraffic;
}

/** A service does what it never did before, or what the documents that speak of it do not know. */
export function unknownEdge(found: Found, view: RuleView, now: UnixNs): Verdicts {
  const { runs } = found.movement;
  const newsNs = nsFromMs(NEWS_MS);
  const last = runs.last()?.sinceNs ?? (0n as UnixNs);
  const undeclared = isUndeclared(found) && last + newsNs > now;
  const words = undeclared ? undeclaredWords(found, view, now) : noveltyWords(found, view, now);
  if (words === null) return { judged: [], dueNs: null };
  const first = runs.first()?.sinceNs ?? (0n as UnixNs);
  const overNs = undeclared ? null : ((first + newsNs + 1n) as UnixNs);
  return {
    judged: [judged(found, words, view)],
    dueNs: earlier(overNs, (last + newsNs + 1n) as UnixNs),
  };
}

/** Only where names of the document and names of spans evidently mean the same places. */
function isUndeclared({ movement, mover, declared }: Found): boolean {
  if (!movement.isUndeclared) return false;
  return [...mover.movements].some(
    ({ kind, service, other, messageType }) =>
      kind === movement.kind &&
      kind !== 'call' &&
      declared.placeOf({
        kind,
        service,
        destination: other.name,
        system: other.system ?? '',
        messageType,
      }) !== null,
  );
}

interface Words {
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  readonly next: NextStep;
  readonly severity: 'warning' | 'info';
  readonly confidence: number;
}

function undeclaredWords({ movement, declared }: Found, _view: RuleView, now: UnixNs): Words {
  const { service, runs } = movement;
  const origin = documentsOf(movement, declared);
  const last = runs.last()?.sinceNs ?? now;
  const next = `add it to ${origin}, or stop it`;
  return {
    severity: 'warning',
    confidence: 0.9,
    sentence: `${service} ${doesText(movement)}, which ${origin} does not declare: ${several(runs.size, 'run')}, the last ${agoText(last, now)}. Next: ${next}.`,
    evidence: [
      { text: `runs in which ${service} ${doesText(movement)}`, value: runs.size },
      { text: `${origin} speaks of ${service}, and not of this` },
    ],
    next: { text: next, command: 'throughline config validate' },
  };
}

function documentsOf({ kind, service }: Movement, declared: DeclaredTraffic): string {
  if (kind === 'call') return '';
  const origins = new Set(declared.of({ kind, service }).map(({ origin }) => origin));
  return [...origins].sort().join(' and ');
}

function noveltyWords({ movement, mover }: Found, view: RuleView, now: UnixNs): Words | null {
  const { minSamples, minHistoryMs } = tuned(view);
  const { runs, service } = movement;
  const first = runs.first()?.sinceNs;
  const began = mover.runs.first()?.sinceNs;
  if (first === undefined || began === undefined || runs.size < SHOWN_MIN) return null;
  const historyMs = msFromNs(first - began);
  if (first + nsFromMs(NEWS_MS) <= now || historyMs < minHistoryMs) return null;
  const since = mover.runs.countAfter(first - 1n);
  const before = mover.runs.size - since;
  if (before < minSamples || chanceOfLateness(runs.size, { since, before }) > CHANCE_MAX)
    return null;
  if (newPlaces({ movement, mover }, began, minHistoryMs) > NEW_PLACES_MAX) return null;
  const next = `check that ${service} is meant to do so; if it is, nothing is to be done`;
  return {
    severity: 'info',
    confidence: 0.8,
    sentence: `${service} ${doesText(movement)} since ${agoText(first, now)}, which it never did before: ${countText(runs.size)} of its ${several(since, 'run')} since then, none of ${countText(before)} in the ${durationText(historyMs)} before. Next: ${next}.`,
    evidence: [
      { text: `runs in which ${service} ${doesText(movement)}`, value: runs.size },
      { text: `runs of ${service} since the first of them`, value: since },
      { text: `runs of ${service} before, none of which did`, value: before },
    ],
    next: { text: next },
  };
}

function tuned({ policy }: RuleView) {
  const { minSamples = MIN_SAMPLES, minHistoryMs = MIN_HISTORY_MS } =
    policy.detect.unknownEdge ?? {};
  return { minSamples, minHistoryMs };
}

/** Ways of this kind that the service took up after it had been known for long enough. */
function newPlaces(
  { movement, mover }: Pick<Found, 'movement' | 'mover'>,
  began: bigint,
  minHistoryMs: number,
): number {
  const knownNs = began + nsFromMs(minHistoryMs);
  let count = 0;
  for (const { kind, runs } of mover.movements) {
    if (kind === movement.kind && (runs.first()?.sinceNs ?? 0n) >= knownNs) count += 1;
  }
  return count;
}

/** `sends stock.audited to audits (rabbitmq)` */
function doesText({ kind, other, messageType }: Movement): string {
  if (kind === 'call') return `calls ${other.name}`;
  const what = messageType === null || messageType === other.name ? 'messages' : messageType;
  const system = other.system === null ? '' : ` (${other.system})`;
  const way = kind === 'send' ? 'sends' : 'takes';
  return `${way} ${what} ${kind === 'send' ? 'to' : 'from'} ${other.name}${system}`;
}

function judged({ movement }: Found, words: Words, { policy }: RuleView) {
  const { kind, service, other, messageType, runs, has } = movement;
  const { members, newestNs, ...affected } = affectedRuns({
    runs: { size: runs.size, has },
    oldest: () => runs.first(),
    newest: () => runs.last(),
    newestFirst: () => runs.newestFirst(),
  });
  const ends = kind === 'take' ? [other.name, service] : [service, other.name];
  const where = ends.join(' → ');
  const { next, ...said } = words;
  return {
    members,
    newestNs,
    statement: {
      ...said,
      ...affected,
      id: findingId('unknown-edge', kind, service, placeId(other), messageType),
      rule: 'unknown-edge' as const,
      subject: { kind: 'edge' as const, id: `${kind}: ${where}`, label: where },
      workflow: null,
      where: messageType === null ? where : `${where} (${messageType})`,
      verdict: null,
      next: [next, ...runbookOf(policy, service)],
      owner: ownerOf(policy, service),
    },
  };
}
