import { BROKER_KINDS, type BrokerKind } from '@throughline/model/broker';
import { z } from 'zod';
import { someDuration, text, texts } from './schema-words.js';

const httpAddress = z.url({
  protocol: /^https?$/,
  error: 'expected true, or the address of CloudWatch',
});

/** A broker to ask: exactly one of the kinds, with its address. Addresses may hold a password: none is repeated. */
export const brokerEntry = z
  .strictObject({
    name: text,
    rabbitmq: text.optional(),
    nats: text.optional(),
    redis: text.optional(),
    kafka: text.optional(),
    sqs: text.optional(),
    user: text.optional(),
    password: text.optional(),
    password_file: text.optional(),
    every: someDuration.optional(),
    vhost: text.optional(),
    streams: texts.optional(),
    bullmq: texts.optional(),
    bullmq_prefix: text.optional(),
    tls: z.boolean().optional(),
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    region: text.optional(),
    queues: texts.optional(),
    cloudwatch: z.union([z.boolean(), httpAddress]).optional(),
  })
  .superRefine((entry, context) => {
    const kinds = brokerKinds(entry);
    if (kinds.length !== 1) {
      context.addIssue(`needs exactly one of ${BROKER_KINDS.join(', ')}`);
    }
    if (entry.password !== undefined && entry.password_file !== undefined) {
      context.addIssue('password and password_file exclude each other: keep one');
    }
    if (entry.mechanism !== undefined && entry.user === undefined) {
      context.addIssue('mechanism is how user and password are told to Kafka: set user as well');
    }
    for (const [key, kind] of ONLY_FOR) {
      if (entry[key] !== undefined && !kinds.includes(kind)) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `is only for ${kind}: leave it out`,
        });
      }
    }
  });
export type BrokerEntry = z.infer<typeof brokerEntry>;

const ONLY_FOR = [
  ['vhost', 'rabbitmq'],
  ['streams', 'redis'],
  ['bullmq', 'redis'],
  ['bullmq_prefix', 'redis'],
  ['tls', 'kafka'],
  ['mechanism', 'kafka'],
  ['region', 'sqs'],
  ['queues', 'sqs'],
  ['cloudwatch', 'sqs'],
] as const;

export function brokerKinds(
  entry: Readonly<Partial<Record<BrokerKind, string | undefined>>>,
): BrokerKind[] {
  return BROKER_KINDS.filter((kind) => entry[kind] !== undefined);
}
