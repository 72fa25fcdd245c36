import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { DeadLetterEntry, DeadLetterPlace } from '../dead-letter-ledger.js';
import { findingId } from '../finding-id.js';
import { agoText, countText, durationText, forText, quotedText, several } from '../wording.js';
import { affectedRuns } from './affected.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

const HOUR_MS = 3_600_000;
const CAUSES_SHOWN = 5;

/** Dead letters of one cause: the same reason for the same type of message in the same version of a service. */
interface DeadLetterCause {
  readonly reason: string;
  readonly messageType: string | null;
  readonly service: string | null;
  readonly version: string | null;
  /** Where they were before, if a span knows it. */
  readonly source: string | null;
  readonly letters: readonly DeadLetterEntry[];
}

/** A dead-letter destination holds messages: how many, how old, why. */
export function deadLetterBacklog(
  held: DeadLetterPlace,
  view: RuleView,
  now: UnixNs,
): Judged | null {
  const { place, letters } = held;
  const causes = causesOf(letters);
  const top = causes[0];
  const oldest = letters[0];
  if (top === undefined || oldest === undefined) return null;
  const { members, newestNs, ...runs } = affectedRuns(
    letters.map(({ runId, atNs }) => ({ runId, sinceNs: atNs })),
  );
  const lastHour = letters.filter(({ atNs }) => atNs > now - nsFromMs(HOUR_MS) && atNs <= now);
  const workflows = new Set(letters.map(({ workflow }) => workflow));
  const next = [
    {
      text: `mend what makes ${top.service ?? 'the consumer'} put ${top.messageType ?? 'messages'} aside, then send them back`,
      command: 'throughline dead-letters',
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
      workflow: workflows.size === 1 ? ([...workflows][0] ?? null) : null,
      where: top.source === null ? place.name : `${top.source} → ${place.name}`,
      verdict: 'dead-lettered',
      sentence: `${holds(place.name, letters.length)}, the oldest ${forText(oldest.atNs, now)}; ${causes.length === 1 ? 'cause' : 'top cause'}: ${causeText(top)}. Next: ${next[0]?.text}.`,
      evidence: [
        { text: 'dead letters that did not come back', value: letters.length },
        { text: 'oldest', value: agoText(oldest.atNs, now) },
        { text: `put aside within the last ${durationText(HOUR_MS)}`, value: lastHour.length },
        ...causes
          .slice(0, CAUSES_SHOWN)
          .map((cause) => ({ text: causeText(cause), value: cause.letters.length })),
      ],
      next,
      owner: ownerOf(view.policy, top.service),
      confidence: 1,
    },
  };
}

function holds(name: string, count: number): string {
  const letters = /dead letters$/.test(name) ? 'of them' : several(count, 'message');
  return letters === 'of them' ? `${countText(count)} ${name}` : `${name} holds ${letters}`;
}

/** Most frequent first. */
function causesOf(letters: readonly DeadLetterEntry[]): DeadLetterCause[] {
  const byCause = new Map<string, DeadLetterEntry[]>();
  for (const letter of letters) {
    const key = JSON.stringify([letter.reason, letter.messageType, letter.service, letter.version]);
    const same = byCause.get(key);
    if (same === undefined) byCause.set(key, [letter]);
    else same.push(letter);
  }
  return [...byCause.entries()]
    .sort(([keyA, a], [keyB, b]) => b.length - a.length || (keyA < keyB ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      if (first === undefined) return [];
      const { reason, messageType, service, version } = first;
      const source = same
        .map((letter) => letter.source ?? '')
        .sort()
        .at(-1);
      return [{ reason, messageType, service, version, letters: same, source: source || null }];
    });
}

function causeText({ reason, messageType, service, version }: DeadLetterCause): string {
  const what = messageType === null ? '' : ` of ${messageType}`;
  const who = service === null ? '' : ` in ${service}${version === null ? '' : ` ${version}`}`;
  return `${quotedText(reason)}${what}${who}`;
}
