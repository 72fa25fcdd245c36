/**
 * Systems whose readers get every message of the queue, topic or stream they read, whatever its type. Elsewhere
 * (exchanges, subjects, event buses) each type finds its own way, and a reader of one says nothing of another.
 */
const WHOLE_DESTINATION = new Set([
  'activemq',
  'artemis',
  'aws.kinesis',
  'aws.sns',
  'aws.sqs',
  'aws_kinesis',
  'aws_sns',
  'aws_sqs',
  'azure_eventhubs',
  'azure_servicebus',
  'bullmq',
  'eventhubs',
  'gcp_pubsub',
  'jms',
  'kafka',
  'pulsar',
  'redis',
  'rocketmq',
  'servicebus',
]);

export function routesByType(system: string): boolean {
  return !WHOLE_DESTINATION.has(system.toLowerCase());
}

/** Systems that hand events in without any reader being visible: a missing reader proves nothing there. */
const READERS_UNSEEN = new Set(['cloudevents']);

export function showsReaders(system: string): boolean {
  return !READERS_UNSEEN.has(system.toLowerCase());
}

/** The command that lists who reads a destination; null where no tool of the system does. */
export function listReadersCommand(system: string, word: string): string | null {
  switch (system.toLowerCase()) {
    case 'rabbitmq':
      return 'rabbitmqctl list_consumers';
    case 'kafka':
      return 'kafka-consumer-groups.sh --bootstrap-server "$BROKERS" --describe --all-groups';
    case 'nats':
      return `nats consumer ls ${word}`;
    case 'redis':
      return `redis-cli XINFO GROUPS ${word}`;
    case 'pulsar':
      return `pulsar-admin topics subscriptions ${word}`;
    case 'gcp_pubsub':
      return `gcloud pubsub topics list-subscriptions ${word}`;
    case 'aws_sns':
    case 'aws.sns':
      return `aws sns list-subscriptions-by-topic --topic-arn ${word}`;
    default:
      return null;
  }
}

/** The command that lists who is in one group of readers of a destination; null where no tool of the system does. */
export function listGroupCommand(system: string, word: string, group: string): string | null {
  switch (system.toLowerCase()) {
    case 'kafka':
      return `kafka-consumer-groups.sh --bootstrap-server "$BROKERS" --describe --group ${group}`;
    case 'nats':
      return `nats consumer info ${word} ${group}`;
    case 'redis':
      return `redis-cli XINFO CONSUMERS ${word} ${group}`;
    default:
      return null;
  }
}
