import { z } from 'zod';

/** Queues lack figures for a moment after their declaration, and a policy while there is none. */
const absent = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
const rate = absent(z.object({ rate: z.number() }));
/** An empty object stands where nothing was set; an old server writes an empty list. */
const settings = z.record(z.string(), z.unknown()).catch({});

export const rabbitQueue = z.object({
  name: z.string(),
  messages_ready: absent(z.number()),
  messages_unacknowledged: absent(z.number()),
  consumers: absent(z.number()),
  /** In seconds; an empty text where the head has no timestamp. */
  head_message_timestamp: absent(z.number()),
  arguments: settings,
  effective_policy_definition: settings,
  message_stats: absent(
    z.object({
      publish_details: rate,
      deliver_get_details: rate,
    }),
  ),
});
export type RabbitQueue = z.infer<typeof rabbitQueue>;

export const rabbitQueuePage = z.object({
  items: z.array(rabbitQueue),
  page: z.number(),
  page_count: z.number(),
});

export const rabbitBindings = z.array(
  z.object({
    source: z.string(),
    destination: z.string(),
    destination_type: z.string(),
    routing_key: z.string(),
  }),
);
export type RabbitBinding = z.infer<typeof rabbitBindings>[number];

export const rabbitExchanges = z.array(z.object({ name: z.string(), type: z.string() }));
export type RabbitExchange = z.infer<typeof rabbitExchanges>[number];
