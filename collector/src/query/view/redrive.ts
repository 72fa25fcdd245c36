import { shellWord } from '@throughline/model/shell-word';

/** The broker's own command that sends dead letters back; null where the system has none or is unknown. */
export function redriveCommand(system: string, destination: string): string | null {
  const name = shellWord(destination);
  switch (system) {
    case 'rabbitmq':
      return `rabbitmqctl set_parameter shovel redrive ${shellWord(
        JSON.stringify({
          'src-uri': 'amqp://',
          'src-queue': destination,
          'src-delete-after': 'queue-length',
          'dest-uri': 'amqp://',
          'dest-queue': '<the queue they came from>',
        }),
      )}`;
    case 'aws_sqs':
      return `aws sqs start-message-move-task --source-arn <arn of ${name}>`;
    case 'servicebus':
      return `az servicebus queue show --name ${name}`;
    default:
      return null;
  }
}
