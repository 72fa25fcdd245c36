import type { DeadLetterGroup, DeadLetterView } from '@throughline/model/api/findings';
import { formatInstant, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { PlacedTrail, TrafficTable } from '../../store/read-store.js';
import { ageMs, instantOrNull } from './instants.js';
import { redriveCommand } from './redrive.js';

type DeadTrail = PlacedTrail & { readonly deadAtNs: UnixNs };

/** One entry per place where dead letters wait, the one with the most first. */
export function deadLetterViews(traffic: TrafficTable, now: UnixNs): DeadLetterView[] {
  const byPlace = new Map<string, DeadTrail[]>();
  for (const placed of traffic.deadLetters()) {
    const deadAtNs = placed.trail.deadLettered?.atNs ?? placed.trail.sentAtNs;
    if (deadAtNs === null) continue;
    const place = JSON.stringify([placed.trail.system, placed.trail.destination]);
    const trails = byPlace.get(place) ?? [];
    trails.push({ ...placed, deadAtNs });
    byPlace.set(place, trails);
  }
  return [...byPlace.values()]
    .map((trails) => deadLetterView(trails, now))
    .sort((a, b) => b.count - a.count || a.destination.localeCompare(b.destination));
}

function deadLetterView(trails: readonly DeadTrail[], now: UnixNs): DeadLetterView {
  const { system, destination } = trails[0]?.trail ?? { system: '', destination: '' };
  const waiting = trails.filter((dead) => !cameBack(dead));
  const oldest = minimum(waiting.map(({ deadAtNs }) => deadAtNs));
  const windowStart = now - BigInt(LIMITS.rateWindowMs) * 1_000_000n;
  const recent = (at: UnixNs): boolean => at >= windowStart && at <= now;
  const perMinute = 60_000 / LIMITS.rateWindowMs;
  return {
    destination,
    system,
    count: waiting.length,
    oldestAt: instantOrNull(oldest),
    oldestAgeMs: oldest === null ? null : ageMs(oldest, now),
    inPerMinute: trails.filter(({ deadAtNs }) => recent(deadAtNs)).length * perMinute,
    outPerMinute:
      trails.filter((dead) => cameBack(dead) && recent(takenAgainAtNs(dead))).length * perMinute,
    cameBack: trails.length - waiting.length,
    groups: groupsOf(waiting),
    redrive: redriveCommand(system, destination),
  };
}

/** Taken out of the dead-letter destination again, or seen alive on its old one. */
function cameBack({ trail }: DeadTrail): boolean {
  return trail.deadLettered?.cameBack ?? false;
}

function takenAgainAtNs({ trail, deadAtNs }: DeadTrail): UnixNs {
  return trail.consumers.reduce((last, { atNs }) => (atNs > last ? atNs : last), deadAtNs);
}

/** Groups by cause: the same reason for the same type of message in the same version of a service. */
function groupsOf(trails: readonly DeadTrail[]): DeadLetterGroup[] {
  const groups = new Map<string, DeadTrail[]>();
  for (const dead of trails) {
    const { messageType, deadLettered } = dead.trail;
    const cause = JSON.stringify([
      deadLettered?.reason,
      messageType,
      deadLettered?.service,
      deadLettered?.version,
    ]);
    const group = groups.get(cause) ?? [];
    group.push(dead);
    groups.set(cause, group);
  }
  return [...groups.values()].map(groupOf).sort((a, b) => b.count - a.count);
}

function groupOf(trails: readonly DeadTrail[]): DeadLetterGroup {
  const sorted = [...trails].sort((a, b) => (a.deadAtNs < b.deadAtNs ? -1 : 1));
  const [oldest] = sorted;
  const newest = sorted.at(-1);
  if (oldest === undefined || newest === undefined) throw new Error('BUG: a group holds a letter');
  const { messageType, deadLettered } = oldest.trail;
  return {
    reason: deadLettered?.reason ?? 'unknown',
    eventType: messageType,
    service: deadLettered?.service ?? null,
    version: deadLettered?.version ?? null,
    count: trails.length,
    oldestAt: formatInstant(oldest.deadAtNs),
    newestAt: formatInstant(newest.deadAtNs),
    sampleRunIds: [...new Set(sorted.map(({ runId }) => runId).reverse())].slice(
      0,
      LIMITS.sampleRunsMax,
    ),
  };
}

function minimum(instants: readonly UnixNs[]): UnixNs | null {
  return instants.reduce<UnixNs | null>((min, at) => (min === null || at < min ? at : min), null);
}
