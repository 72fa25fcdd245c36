import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { redriveCommand } from './redrive.js';

const back = (system: string, place: string, source: string | null = null): string =>
  redriveCommand({ system, place, source }) ?? 'none';

/** What a shell makes of the command: its words, with nothing run. */
function wordsOf(command: string): string[] {
  const printed = execFileSync('bash', [
    '-c',
    `printf '%s\\n' ${command.replaceAll('$(', '\\$(')}`,
  ]);
  return String(printed).trimEnd().split('\n');
}

describe('sending dead letters back', () => {
  it.each([
    ['rabbitmq', 'rabbitmqctl set_parameter shovel'],
    ['kafka', 'kafka-console-consumer.sh'],
    ['aws_sqs', 'aws sqs start-message-move-task'],
    ['nats', 'nats consumer add'],
    ['redis', 'redis-cli EVAL'],
    ['bullmq', 'node -e'],
    ['servicebus', 'node -e'],
  ])('has a command for %s', (system, command) => {
    expect(back(system, 'orders.dlq', 'orders')).toContain(command);
  });

  it('says where they lie and where they came from', () => {
    expect(back('rabbitmq', 'parked', 'orders.q')).toContain('"src-queue":"parked"');
    expect(back('rabbitmq', 'parked', 'orders.q')).toContain('"dest-queue":"orders.q"');
    expect(back('kafka', 'orders-dlt')).toContain('--topic orders --property parse.key');
    expect(wordsOf(back('redis', 'orders.dlq')).slice(-3)).toEqual(['2', 'orders.dlq', 'orders']);
    expect(wordsOf(back('servicebus', 'orders/$DeadLetterQueue')).at(-1)).toBe('orders');
    expect(wordsOf(back('bullmq', 'mail dead letters')).slice(-2)).toEqual(['bull', 'mail']);
  });

  it('takes no stand-in for the name of a queue', () => {
    const command = back('rabbitmq', 'orders.q dead letters');
    expect(command).toContain('"src-queue":"<the queue where they lie>"');
    expect(command).toContain('"dest-queue":"orders.q"');
  });

  it('has none where the system has none, or its queue is not known', () => {
    expect(redriveCommand({ system: 'http', place: 'dlq', source: null })).toBeNull();
    expect(redriveCommand({ system: 'servicebus', place: 'dlq', source: null })).toBeNull();
  });

  it('lets no name run a command', () => {
    for (const system of ['rabbitmq', 'kafka', 'nats', 'redis', 'bullmq', 'servicebus']) {
      const command = back(system, "x'; touch owned; '", "$(touch owned) `touch owned` '");
      const [first = ''] = command.split(' | ');
      expect(wordsOf(first).join(' '), system).toContain('touch owned');
    }
  });
});
