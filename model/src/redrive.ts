import { sourceByName } from './dead-letter-name.js';
import { shellWord } from './shell-word.js';

/** A place of dead letters, as spans tell of it. */
export interface LetterPlace {
  readonly system: string;
  /** The dead-letter destination; `<queue> dead letters` where nobody knows where those of a queue lie. */
  readonly place: string;
  /** The queue, topic or stream that they were in before; null when it is not known. */
  readonly source: string | null;
}

const STAND_IN = ' dead letters';

/** The command that sends dead letters back where they came from; null where the system has none or is unknown. */
export function redriveCommand({ system, place, source }: LetterPlace): string | null {
  const isStandIn = place.endsWith(STAND_IN);
  const letters = isStandIn ? '<the queue where they lie>' : place;
  const refusedBy = isStandIn ? place.slice(0, -STAND_IN.length) : sourceByName(place);
  const origin = source ?? refusedBy;
  switch (system.toLowerCase()) {
    case 'rabbitmq':
      return rabbitmqRedrive(letters, origin);
    case 'kafka':
      return kafkaRedrive(letters, origin ?? undefined);
    case 'aws_sqs':
    case 'aws.sqs':
      return sqsRedrive(letters);
    case 'nats':
      return `nats consumer add '<the stream of it>' redrive --filter ${shellWord(letters)} --pull --deliver all --ack explicit --defaults`;
    case 'bullmq':
      return bullmqRedrive('bull', origin ?? letters);
    case 'redis':
      return redisRedrive(letters, origin);
    case 'servicebus':
    case 'azure_servicebus':
      return origin === null ? null : serviceBusRedrive(origin);
    default:
      return null;
  }
}

function rabbitmqRedrive(letters: string, origin: string | null): string {
  const shovel = {
    'src-uri': 'amqp://',
    'src-queue': letters,
    'src-delete-after': 'queue-length',
    'dest-uri': 'amqp://',
    'dest-queue': origin ?? '<the queue they came from>',
  };
  return `rabbitmqctl set_parameter shovel redrive ${shellWord(JSON.stringify(shovel))}`;
}

/** Kafka has no command of its own: what lies there is written to where it came from, with its key and as text. */
export function kafkaRedrive(topic: string, source: string | undefined): string {
  const servers = '--bootstrap-server "$BROKERS"';
  const from = `--topic ${shellWord(topic)} --group ${shellWord(`${topic}-redrive`)} --from-beginning --timeout-ms 10000`;
  const to = shellWord(source ?? '<the topic they came from>');
  return (
    `kafka-console-consumer.sh ${servers} ${from} --property print.key=true | ` +
    `kafka-console-producer.sh ${servers} --topic ${to} --property parse.key=true --property null.marker=null`
  );
}

/** SQS moves them itself, each to the queue that it came from; it wants the name of the dead-letter queue as an ARN. */
function sqsRedrive(letters: string): string {
  const url = `$(aws sqs get-queue-url --queue-name ${shellWord(letters)} --query QueueUrl --output text)`;
  const arn = `$(aws sqs get-queue-attributes --queue-url "${url}" --attribute-names QueueArn --query Attributes.QueueArn --output text)`;
  return `aws sqs start-message-move-task --source-arn "${arn}"`;
}

/** BullMQ has no command of its own: its library is asked, where the application is installed. */
export function bullmqRedrive(prefix: string, queue: string): string {
  const program =
    'const { Queue } = require("bullmq"); const [prefix, name] = process.argv.slice(1); ' +
    'const queue = new Queue(name, { prefix, connection: { url: process.env.REDIS_URL } }); ' +
    'queue.retryJobs({ state: "failed" }).then(() => queue.close());';
  return `node -e ${shellWord(program)} ${shellWord(prefix)} ${shellWord(queue)}`;
}

/** Redis moves entries from one stream to another in a script, all or none. */
function redisRedrive(letters: string, origin: string | null): string {
  const script =
    'for _, e in ipairs(redis.call("XRANGE", KEYS[1], "-", "+")) do ' +
    'redis.call("XADD", KEYS[2], "*", unpack(e[2])) redis.call("XDEL", KEYS[1], e[1]) end';
  const to = shellWord(origin ?? '<the stream they came from>');
  return `redis-cli EVAL ${shellWord(script)} 2 ${shellWord(letters)} ${to}`;
}

/** Service Bus has no command of its own: its library moves them, where the application is installed. */
function serviceBusRedrive(queue: string): string {
  const program =
    'const { ServiceBusClient } = require("@azure/service-bus"); const [queue] = process.argv.slice(1); ' +
    '(async () => { const bus = new ServiceBusClient(process.env.SERVICEBUS_CONNECTION_STRING); ' +
    'const from = bus.createReceiver(queue, { subQueueType: "deadLetter" }); const to = bus.createSender(queue); ' +
    'for (let some; (some = await from.receiveMessages(50, { maxWaitTimeInMs: 5000 })).length > 0; ) ' +
    'for (const one of some) { await to.sendMessages(one); await from.completeMessage(one); } ' +
    'await bus.close(); })();';
  return `node -e ${shellWord(program)} ${shellWord(queue)}`;
}
