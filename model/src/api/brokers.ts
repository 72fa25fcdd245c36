import { z } from 'zod';
import { BROKER_KINDS } from '../broker.js';
import { count, instant, ms } from './primitives.js';

/** `no-data`: the broker does not answer; what it said before stays, and means neither good nor bad. */
const state = z.enum(['ok', 'no-data']);

export const brokerView = z.object({
  name: z.string(),
  kind: z.enum(BROKER_KINDS),
  state,
  /** Why there is no data. */
  reason: z.string().nullable(),
  noDataSince: instant.nullable(),
  polledAt: instant.nullable(),
  queues: count,
  /** Queues beyond a named limit, which are not looked at. */
  queuesLeftOut: count,
});
export type BrokerView = z.infer<typeof brokerView>;

const figures = {
  /** Messages that nobody was given yet. */
  waiting: count,
  /** Messages given to somebody who has not settled them. */
  unsettled: count,
  /** Messages delivered as often as is allowed, which nobody gets any more. */
  givenUp: count,
  redelivered: count.nullable(),
  /** Attached now; null where the broker does not tell. */
  consumers: count.nullable(),
  oldestAt: instant.nullable(),
  oldestAgeMs: ms.nullable(),
  /** False: the broker does not tell, and the oldest is at least of that age. */
  isOldestExact: z.boolean(),
  inPerMinute: z.number().nullable(),
  outPerMinute: z.number().nullable(),
};

/** What the broker itself counts at a place; figures are added up over its queues and groups. */
export const brokerFigures = z.object({
  broker: z.string(),
  state,
  reason: z.string().nullable(),
  polledAt: instant.nullable(),
  ...figures,
  queues: z.array(
    z.object({
      name: z.string(),
      group: z.string().nullable(),
      isDeadLetter: z.boolean(),
      ...figures,
    }),
  ),
});
export type BrokerFigures = z.infer<typeof brokerFigures>;
