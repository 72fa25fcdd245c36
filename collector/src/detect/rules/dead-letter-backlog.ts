import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { redriveCommand } from '@throughline/model/redrive';
import { placeId } from '@throughline/model/traffic';
import { causeOf, type DeadLetterCause, type DeadLetters } from '../dead-letter-ledger.js';
import { brokerEvidence } from '../broker-words.js';
import { findingId } from '../finding-id.js';
import { agoText, countText, durationText, forText, quotedText, several } from '../wording.js';
import { affectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

const HOUR_MS = 3_600_000;
const CAUSES_SHOWN = 5;

/** A cause and how many lie there for it. */
interface Counted extends DeadLetterCause {
  readonly count: number;
}

/** A dead-letter destination holds messages: how many, how old, why. */
export function deadLetterBacklog(held: DeadLetters, view: RuleView, now: UnixNs): Judged | null {
  const causes = causesOf(held);
  const top = causes[0];
  const oldest = held.oldest();
  if (top === undefined || oldest === undefined) return null;
  const { place } = oldest;
  const counted = view.brokers.deadLettersAt(place.system ?? '', place.name);
  const { members, newestNs, ...runs } = affectedRuns(held);
  const lastHour = held.countAfter(now - nsFromMs(HOUR_MS)) - held.countAfter(now);
  const returns = returnsOf(held);
  const next = [
    {
      text: `mend what makes ${top.service ?? 'the consumer'} put ${top.messageType ?? 'messages'} aside, then send them back`,
      command:
        counted[0]?.queue.redrive ??
        redriveCommand({
          system: place.system ?? '',
          place: place.name,
          source: top.source,
        }) ??
        'throughline dead-letters',
    },
    ...runbookOf(view.policy, top.service),
  ];
  return {
    members,
    newestNs,
    statement: {
      ...runs,
      id: findingId('dead-letter-backlog', place.system, place.name),
      rule: 'dead-letter-backlog',
      severity: 'critical',
      subject: { kind: 'destination', id: placeId(place), label: place.name },
      workflow: held.only('workflow'),
      where: top.source === null ? place.name : `${top.source} → ${place.name}`,
      verdict: 'dead-lettered',
      sentence: `${holds(place.name, held.size)}, the oldest ${forText(oldest.atNs, now)}; ${causes.length === 1 ? 'cause' : 'top cause'}: ${causeText(top)}${returnsText(returns)}. Next: ${next[0]?.text}.`,
      evidence: [
        { text: 'dead letters that did not come back', value: held.size },
        { text: 'oldest', value: agoText(oldest.atNs, now) },
        ...brokerEvidence(counted, now),
        ...(returns === null
          ? []
          : [{ text: 'of them put aside again after they had come back', value: returns.count }]),
        { text: `put aside within the last ${durationText(HOUR_MS)}`, value: lastHour },
        ...causes
          .slice(0, CAUSES_SHOWN)
          .map((cause) => ({ text: causeText(cause), value: cause.count })),
      ],
      next,
      owner: ownerOf(view.policy, top.service),
      confidence: 1,
    },
  };
}

interface Returns {
  readonly count: number;
  /** How often the worst of them did. */
  readonly most: number;
}

function returnsOf(held: DeadLetters): Returns | null {
  let [count, most] = [0, 0];
  for (const [times, letters] of held.tally('cameBack')) {
    count += letters;
    most = Math.max(most, Number(times));
  }
  return count === 0 ? null : { count, most };
}

/** `; 3 of them came back ×2` */
function returnsText(returns: Returns | null): string {
  if (returns === null) return '';
  return `; ${countText(returns.count)} of them came back ×${returns.most}`;
}

function holds(name: string, count: number): string {
  const letters = /dead letters$/.test(name) ? 'of them' : several(count, 'message');
  return letters === 'of them' ? `${countText(count)} ${name}` : `${name} holds ${letters}`;
}

/** Most frequent first. Letters of one cause may come from several sources: the last by name stands for them. */
function causesOf(held: DeadLetters): Counted[] {
  const byCause = new Map<string, Counted>();
  for (const [value, count] of held.tally('cause')) {
    const { source, ...cause } = causeOf(value);
    const key = JSON.stringify(Object.values(cause));
    const same = byCause.get(key);
    const sources = [same?.source ?? '', source ?? ''].sort();
    const last = sources.at(-1) || null;
    byCause.set(key, { ...cause, source: last, count: (same?.count ?? 0) + count });
  }
  return [...byCause.entries()]
    .sort(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1))
    .map(([, cause]) => cause);
}

/** `rejected (payment.captured in invoice 4.0.0)` */
function causeText({ reason, messageType, service, version }: Counted): string {
  const who = service === null ? '' : `in ${service}${version === null ? '' : ` ${version}`}`;
  const where = [messageType, who].filter((part) => part !== null && part !== '').join(' ');
  return where === '' ? quotedText(reason) : `${quotedText(reason)} (${where})`;
}
