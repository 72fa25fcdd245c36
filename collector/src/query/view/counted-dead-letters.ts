import type { DeadLetterView } from '@throughline/model/api/findings';
import { brokerQueueName, keepsLetters, letterPlacesOf } from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';
import type { QuerySources } from '../sources.js';
import { countedQueues, figuresOf, type CountedQueue } from './broker-figures.js';
import { deadLetterViews } from './dead-letter-view.js';

/**
 * Dead letters as spans show them, beside what the brokers count where they lie, and the dead-letter queues that no
 * span showed. Spans name a place after who refused the message where they do not know better; the broker does.
 */
export function countedDeadLetters(sources: QuerySources, now: UnixNs): DeadLetterView[] {
  const seen = deadLetterViews(sources, now);
  const queues = countedQueues(sources.brokers()).filter(({ queue }) => keepsLetters(queue));
  if (queues.length === 0) return seen;
  const places = seen.map((view) => ({ view, found: keptAt(view, queues) }));
  const told = new Set(places.flatMap(({ found }) => found));
  const unseen = queues.filter((each) => !told.has(each)).flatMap((each) => unseenView(each, now));
  const views = places.map(({ view, found }) => {
    const [only, ...others] = found;
    if (only === undefined) return view;
    const isAlone =
      others.length === 0 && places.every((each) => each.view === view || each.found[0] !== only);
    return {
      ...view,
      destination: isAlone ? brokerQueueName(only.queue) : view.destination,
      redrive: only.queue.redrive ?? view.redrive,
      broker: figuresOf(found, now),
    };
  });
  return [...views, ...unseen].sort(
    (a, b) => b.count - a.count || a.destination.localeCompare(b.destination),
  );
}

/** The queue of that name, else those that keep what spans call so. */
function keptAt({ system, destination }: DeadLetterView, queues: readonly CountedQueue[]) {
  const own = queues.filter(({ queue }) => queue.system === system);
  const named = own.filter(({ queue }) => brokerQueueName(queue) === destination);
  if (named.length > 0) return named;
  return own.filter(({ queue }) => letterPlacesOf(queue).includes(destination));
}

function unseenView(counted: CountedQueue, now: UnixNs): DeadLetterView[] {
  const broker = figuresOf([counted], now);
  if (broker === null) return [];
  const { queue } = counted;
  return [
    {
      destination: brokerQueueName(queue),
      system: queue.system,
      count: queue.isDeadLetter ? queue.waiting + queue.unsettled : queue.givenUp,
      oldestAt: broker.oldestAt,
      oldestAgeMs: broker.oldestAgeMs,
      inPerMinute: broker.inPerMinute ?? 0,
      outPerMinute: broker.outPerMinute ?? 0,
      cameBack: 0,
      groups: [],
      redrive: queue.redrive,
      broker,
    },
  ];
}
