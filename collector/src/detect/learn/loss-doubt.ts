import type { UnixNs } from '@throughline/model/time';
import type { MessageOccurrence, Occurrence } from '../occurrences.js';
import type { OpenedPledge } from '../pledge.js';
import type { RunIndex } from '../run-index.js';
import { gapsOf } from './gaps.js';
import { isWithin } from './learned-pledge.js';
import type { Lesson } from './lesson.js';
import { placeKeyOf } from './opening.js';

/**
 * Tells of declared promises whether lost spans explain that they were not kept. A declaration is believed to the
 * letter while no spans are known to get lost. Where some do, a service that went on was reached, and a reaction that
 * one span alone shows is missed only where several are absent in a row, as with what was learned.
 */
export function lossDoubt(
  index: RunIndex,
  lessonsAt: (key: string) => readonly Lesson[],
): (opened: OpenedPledge) => boolean {
  const gaps = gapsOf(index);
  const isExplained = (key: string, reactor: string, atNs: UnixNs): boolean => {
    const lesson = lessonsAt(key).find((one) => one.reactor === reactor);
    if (lesson === undefined || lesson.streaks === null) return false;
    return !isWithin(lesson.streaks, atNs);
  };
  return ({ pledge, opening }) => {
    const { form, by, event, workflow, keptAtNs } = pledge;
    if (keptAtNs !== null || !isMessage(opening) || isAtWork(opening, by, index)) return false;
    if (form === 'take' && by !== null) {
      if (gaps.servicesAliveAfter(opening.atNs).has(by)) return true;
      if (gaps.sendersLostAfter(opening.message, opening.atNs)) return true;
      return isExplained(placeKeyOf(opening, workflow, null), by, opening.atNs);
    }
    if (form !== 'event' || event === null) return false;
    const services = by === null ? opening.message.takenByServices : [by];
    return services.some((service) => {
      const handledNs = handledAtNs(opening, service, index) ?? opening.atNs;
      return isExplained(placeKeyOf(opening, workflow, service), event, handledNs);
    });
  };
}

/** When the service took the message, which is when its own part begins. */
function handledAtNs(
  { message }: MessageOccurrence,
  service: string,
  { steps }: RunIndex,
): UnixNs | undefined {
  const taking = message.takenBy.find((id) => steps.get(id)?.step.service === service);
  return taking === undefined ? undefined : steps.get(taking)?.correctedStartNs;
}

/** A handler that is seen at it, or failed at it, is not lost on its way. */
function isAtWork({ message }: MessageOccurrence, by: string | null, { steps }: RunIndex): boolean {
  return message.takenBy.some((id) => {
    const step = steps.get(id)?.step;
    if (step === undefined || (by !== null && step.service !== by)) return false;
    return step.isPending || step.status === 'error';
  });
}

function isMessage(opening: Occurrence): opening is MessageOccurrence {
  return opening.message !== null;
}
