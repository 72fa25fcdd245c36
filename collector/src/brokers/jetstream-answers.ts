import { z } from 'zod';

const instant = z.iso.datetime({ offset: true }).optional();

/** `/jsz?consumers=true&config=true`; the fields that are read. Sequences of nothing are 0. */
const consumer = z.object({
  name: z.string(),
  config: z.object({
    deliver_subject: z.string().optional(),
    filter_subject: z.string().optional(),
    filter_subjects: z.array(z.string()).optional(),
    max_deliver: z.number().optional(),
    /** Nanoseconds. */
    ack_wait: z.number().optional(),
  }),
  delivered: z.object({ last_active: instant }),
  ack_floor: z.object({ stream_seq: z.number() }),
  num_ack_pending: z.number(),
  num_redelivered: z.number(),
  num_waiting: z.number(),
  num_pending: z.number(),
  push_bound: z.boolean().optional(),
});
export type JetstreamConsumer = z.infer<typeof consumer>;

const stream = z.object({
  name: z.string(),
  config: z.object({ subjects: z.array(z.string()).optional(), retention: z.string() }),
  state: z.object({
    messages: z.number(),
    first_seq: z.number(),
    first_ts: instant,
    last_seq: z.number(),
  }),
  consumer_detail: z.array(consumer).optional(),
});
export type JetstreamStream = z.infer<typeof stream>;

export const jetstreamState = z.object({
  now: z.iso.datetime({ offset: true }),
  disabled: z.boolean().optional(),
  account_details: z
    .array(z.object({ name: z.string(), stream_detail: z.array(stream).optional() }))
    .optional(),
});
export type JetstreamState = z.infer<typeof jetstreamState>;
