import type { StepId } from '@throughline/model/ids';
import type { RunMessage } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { RunIndex } from '../run-index.js';

/** What a run shows of spans that did not arrive: effects without their cause. */
export interface Gaps {
  /** Message types that were taken though nobody was seen sending them. */
  readonly messagesWithoutSender: ReadonlySet<string>;
  /**
   * Whether takings of the message may be missing because its own sending is, or the run went on without the spans that
   * led there.
   */
  sendersLostAfter(message: RunMessage, atNs: UnixNs): boolean;
  /** Services that did something after the instant of which the cause was not seen: they live, and were reached. */
  servicesAliveAfter(atNs: UnixNs): ReadonlySet<string>;
  /** When the service did the last of them; null when it did none after the instant. */
  aliveAtNs(service: string, afterNs: UnixNs): UnixNs | null;
  /** Whether the run went on after the instant without the spans that led there: it does not stand still. */
  goesOnAfter(atNs: UnixNs): boolean;
}

const NOBODY: ReadonlySet<string> = new Set();

export function gapsOf(index: RunIndex): Gaps {
  const lost = index.run.messages.filter(isWithoutSender);
  const orphans = orphansOf(index);
  if (lost.length === 0 && orphans.size === 0) return NO_GAPS;
  let lastLostNs = -1n;
  for (const { firstTakenAtNs } of lost) {
    if (firstTakenAtNs !== null && firstTakenAtNs > lastLostNs) lastLostNs = firstTakenAtNs;
  }
  return {
    messagesWithoutSender: new Set(lost.map(({ type, destination }) => type ?? destination)),
    // Takings that share no message id each make a message of their own when the sending is lost.
    sendersLostAfter: (message, atNs) =>
      isWithoutSender(message) ? message.messageId === null : lastLostNs > atNs,
    servicesAliveAfter: (atNs) => {
      if (orphans.size === 0) return NOBODY;
      let alive: Set<string> | null = null;
      for (const [service, lastNs] of orphans) {
        if (lastNs > atNs) (alive ??= new Set<string>()).add(service);
      }
      return alive ?? NOBODY;
    },
    aliveAtNs: (service, afterNs) => {
      const lastNs = orphans.get(service);
      return lastNs === undefined || lastNs <= afterNs ? null : lastNs;
    },
    goesOnAfter: (atNs) =>
      lastLostNs > atNs || [...orphans.values()].some((lastNs) => lastNs > atNs),
  };
}

const NO_GAPS: Gaps = {
  messagesWithoutSender: NOBODY,
  sendersLostAfter: () => false,
  servicesAliveAfter: () => NOBODY,
  aliveAtNs: () => null,
  goesOnAfter: () => false,
};

function isWithoutSender({ sentBy, takenBy, isSentElsewhere }: RunMessage): boolean {
  return sentBy === null && takenBy.length > 0 && isSentElsewhere !== true;
}

/** By service: the latest of its steps whose cause was not seen. */
function orphansOf({ run }: RunIndex): ReadonlyMap<string, UnixNs> {
  const caused = new Set<StepId>();
  for (const { to } of run.edges) caused.add(to);
  const orphans = new Map<string, UnixNs>();
  for (const { step, correctedStartNs } of run.steps) {
    const { role, id, service } = step;
    if (role === 'take' || role === 'fetch' || role === 'settle' || caused.has(id)) continue;
    const latest = orphans.get(service);
    if (latest === undefined || correctedStartNs > latest) orphans.set(service, correctedStartNs);
  }
  return orphans;
}
