import type { DeadLetterGroup, DeadLetterView } from '@throughline/model/api/findings';
import { redriveCommand } from '@throughline/model/redrive';
import { invariant } from '@throughline/model/invariant';
import { formatInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { DeadLetter, DeadLetterPlace, QuerySources } from '../sources.js';
import { ageMs } from './instants.js';

/** One entry per place where spans show that dead letters wait or waited, the one with the most first. */
export function deadLetterViews(sources: QuerySources, now: UnixNs): DeadLetterView[] {
  const returns = returnsOf(sources);
  const waiting = new Map(
    sources.findings.deadLetters().map((held) => [nameOf(held.place), held] as const),
  );
  return [...new Set([...waiting.keys(), ...returns.keys()])]
    .map((name) =>
      deadLetterView(name, waiting.get(name), { returns: returns.get(name) ?? [], now }),
    )
    .sort((a, b) => b.count - a.count || a.destination.localeCompare(b.destination));
}

interface Seen {
  /** When letters that lay here were taken again. */
  readonly returns: readonly UnixNs[];
  readonly now: UnixNs;
}

function deadLetterView(
  name: string,
  held: DeadLetterPlace | undefined,
  { returns, now }: Seen,
): DeadLetterView {
  const [system = '', destination = ''] = JSON.parse(name) as string[];
  const letters = held?.letters ?? [];
  const oldest = letters[0]?.atNs ?? null;
  const perMinute = (instants: readonly UnixNs[]): number =>
    (instants.filter((at) => isRecent(at, now)).length * 60_000) / LIMITS.rateWindowMs;
  return {
    destination,
    system,
    count: letters.length,
    oldestAt: oldest === null ? null : formatInstant(oldest),
    oldestAgeMs: oldest === null ? null : ageMs(oldest, now),
    inPerMinute: perMinute(letters.map(({ atNs }) => atNs)),
    outPerMinute: perMinute(returns),
    cameBack: returns.length,
    groups: groupsOf(letters),
    redrive: redriveCommand({ system, place: destination, source: sourceOf(letters) }),
    broker: null,
  };
}

/** Where they all came from; null when that is not one place. */
function sourceOf(letters: readonly DeadLetter[]): string | null {
  const sources = new Set(letters.map(({ source }) => source));
  const [only = null] = sources;
  return sources.size === 1 ? only : null;
}

function nameOf({ system, name }: { system: string | null; name: string }): string {
  return JSON.stringify([system ?? '', name]);
}

/** Taken out of a dead-letter destination again: when, by the name of the place. */
function returnsOf({ tables }: QuerySources): Map<string, UnixNs[]> {
  const returns = new Map<string, UnixNs[]>();
  for (const { trail } of tables.traffic.deadLetters()) {
    const taken = trail.consumers[0];
    if (!trail.isDeadLetterDestination || taken === undefined) continue;
    const name = nameOf({ system: trail.system, name: trail.destination });
    const instants = returns.get(name) ?? [];
    instants.push(taken.atNs);
    returns.set(name, instants);
  }
  return returns;
}

function isRecent(at: UnixNs, now: UnixNs): boolean {
  return at <= now && now - at <= nsFromMs(LIMITS.rateWindowMs);
}

/** Groups by cause: the same reason for the same type of message in the same version of a service. */
function groupsOf(letters: readonly DeadLetter[]): DeadLetterGroup[] {
  const groups = new Map<string, DeadLetter[]>();
  for (const letter of letters) {
    const cause = JSON.stringify([
      letter.reason,
      letter.messageType,
      letter.service,
      letter.version,
    ]);
    const group = groups.get(cause) ?? [];
    group.push(letter);
    groups.set(cause, group);
  }
  return [...groups.values()].map(groupOf).sort((a, b) => b.count - a.count);
}

function groupOf(letters: readonly DeadLetter[]): DeadLetterGroup {
  const [oldest] = letters;
  const newest = letters.at(-1);
  invariant(oldest && newest, 'a group holds a letter');
  const runIds = new Set(letters.map(({ runId }) => runId).reverse());
  return {
    reason: oldest.reason,
    eventType: oldest.messageType,
    service: oldest.service,
    version: oldest.version,
    count: letters.length,
    oldestAt: formatInstant(oldest.atNs),
    newestAt: formatInstant(newest.atNs),
    cameBack: letters.reduce((most, { cameBack }) => Math.max(most, cameBack), 0),
    runCount: runIds.size,
    sampleRunIds: [...runIds].slice(0, LIMITS.sampleRunsMax),
  };
}
