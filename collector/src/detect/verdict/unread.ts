import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Pledge } from '../pledge.js';
import { listReadersCommand } from '../routing.js';
import type { MessageGlimpse, Standstill } from '../standstill.js';
import { agoText, listText, shellWord } from '../wording.js';
import type { Diagnosis, Judge, Surroundings } from './diagnosis.js';

/** Nobody took it: the peer test says whether the message or its consumer is the problem. */
export const unread: Judge = (pledge, still, around) => {
  if (still.act !== null) return null;
  const message = missedMessage(pledge, still, around);
  return message === null ? null : unreadMessage(pledge, message, around);
};

function unreadMessage(pledge: Pledge, message: MessageGlimpse, around: Surroundings): Diagnosis {
  const who = pledge.by ?? around.readersOf(message)[0] ?? null;
  if (message.undeliverable) return returned(message, who);
  const lastAtNs = around.lastTakenAtNs(message, who);
  const passed = around.lastPassedOpenedAtNs;
  // Neighbours overtake each other: only who came later than the usual wait shows that the way is open.
  const overtakenNs = pledge.openedAtNs + nsFromMs(around.usualMs);
  if (passed !== null && passed > overtakenNs) return passedBy(message, who, around);
  const sentAtNs = message.sentAtNs ?? pledge.openedAtNs;
  if (lastAtNs !== null && lastAtNs > sentAtNs && !hasStopped(message, lastAtNs, around)) {
    return behind(message, { who, lastAtNs, around });
  }
  return absent(message, { who, lastAtNs, around });
}

/** Whoever took nothing for most of the time that the message waits, though others came, does not lag: it has stopped. */
function hasStopped(message: MessageGlimpse, lastAtNs: UnixNs, around: Surroundings): boolean {
  const { now } = around;
  const isIdle = now - lastAtNs > (now - (message.sentAtNs ?? now)) / 2n;
  return isIdle && around.sentSince(message, lastAtNs) > 0;
}

/** The message that stopped the run, if one can be named. */
function missedMessage(
  { by, form }: Pledge,
  { opening, held }: Standstill,
  around: Surroundings,
): MessageGlimpse | null {
  if (form === 'take') return opening;
  const nobodys = held.find((each) => each.takenByServices.length === 0 && !each.deadLetter);
  if (by === null) return nobodys ?? null;
  const candidates = opening === null ? held : [opening, ...held];
  const known = candidates.find(
    (each) => !each.takenByServices.includes(by) && around.reads(each, by),
  );
  if (known !== undefined) return known;
  // A service that was never seen reading anything is most likely the direct reader that is missing.
  return (around.isReader(by) ? nobodys : opening) ?? null;
}

const readIt = (who: string | null): string => (who === null ? 'nobody has' : `${who} has not`);

function returned(message: MessageGlimpse, who: string | null): Diagnosis {
  return {
    verdict: 'consumer-absent',
    cause: `${message.destination} ${message.name}`,
    blockedBy: message.id,
    words: () => ({
      clause: `the broker returned ${message.name}: nothing is bound for it at ${message.destination}`,
      evidence: [
        { text: `${message.name} came back from ${message.destination} as undeliverable` },
      ],
      next: [{ text: `bind the queue of ${who ?? 'its consumer'} to ${message.destination}` }],
    }),
  };
}

function passedBy(message: MessageGlimpse, who: string | null, around: Surroundings): Diagnosis {
  return {
    verdict: 'telemetry-gap',
    cause: `${message.destination} ${message.name}`,
    blockedBy: message.id,
    words: () => ({
      clause: `${readIt(who)} read it, though later runs passed: this message was lost, skipped, or its spans did not arrive`,
      evidence: [{ text: 'runs that passed the same place', value: around.passedCount }],
      next: [
        {
          text: `search the log of ${who ?? 'the consumer'} for this message: it may have been dropped without a span`,
        },
      ],
    }),
  };
}

interface Reading {
  readonly who: string | null;
  readonly lastAtNs: UnixNs | null;
  readonly around: Surroundings;
}

function behind(message: MessageGlimpse, { who, lastAtNs, around }: Reading): Diagnosis {
  const { now } = around;
  const last = lastAtNs === null ? 'never' : agoText(lastAtNs, now);
  return {
    verdict: 'queue-lag',
    cause: `${message.destination} ${message.name}`,
    blockedBy: message.destination,
    words: () => ({
      clause: `${readIt(who)} read it yet; it last took ${message.name} ${last}`,
      evidence: [
        {
          text: `${who ?? 'a consumer'} last took ${message.name} from ${message.destination}`,
          value: last,
        },
        ...around.brokerSays(message),
      ],
      next: [
        {
          text: `compare the rate of ${message.destination} with what ${who ?? 'its consumer'} can take`,
        },
      ],
    }),
  };
}

function absent(message: MessageGlimpse, { who, lastAtNs, around }: Reading): Diagnosis {
  const { now } = around;
  const last = lastAtNs === null ? 'never' : agoText(lastAtNs, now);
  const command = listReadersCommand(message.system, shellWord(message.destination));
  const others = message.takenByServices;
  return {
    verdict: 'consumer-absent',
    cause: `${message.destination} ${message.name}`,
    blockedBy: message.id,
    words: () => ({
      clause: `${readIt(who)} read it`,
      evidence: [
        {
          text: `${who ?? 'anybody'} last took ${message.name} from ${message.destination}`,
          value: last,
        },
        ...around.brokerSays(message),
        ...(others.length === 0 ? [] : [{ text: `${listText(others)} did take it` }]),
      ],
      next: [
        {
          text: `check that a consumer${who === null ? '' : ` of ${who}`} is attached to ${message.destination}`,
          ...(command === null ? {} : { command }),
        },
      ],
    }),
  };
}
