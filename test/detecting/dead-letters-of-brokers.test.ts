import type { AttributeInputs } from '@throughline/fixtures/build/span';
import type { SentMessage } from '@throughline/fixtures/build/message';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Finding } from '@throughline/model/finding';
import { describe, expect, test } from 'vitest';
import { checkout, MINUTE, SECOND, send } from './acts.js';
import type { RowPolicy } from './row.js';
import { judgedOnce, staged } from './stage.js';

const unlearned: RowPolicy = {
  ...checkout,
  noConsumerExpected: ['order.*'],
  detect: { learn: false },
};

/** Payments captures the money and tells of it; what becomes of that is the broker's own way. */
function captured(line: Storyline, system: string): SentMessage {
  const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
  const inside = line.take(placed, { by: 'payments', at: 100 });
  const paid = { by: 'payments', at: 200, inside, to: 'paid' };
  return line.send({ ...paid, type: 'payment.captured', system });
}

interface Refusing {
  readonly error?: string;
  readonly attributes?: AttributeInputs;
}

/** Inventory refuses it three times: the second and third time somebody had sent it back. */
function refused(line: Storyline, system: string, refusing: Refusing): void {
  const sent = captured(line, system);
  for (let each = 1; each <= 3; each++) {
    line.take(sent, { by: 'inventory', at: each * 10 * SECOND, attempt: each, ...refusing });
  }
}

/** Inventory fails and writes it to the dead-letter place; an operator's job takes it there and sends it anew. */
function copied(line: Storyline, system: string, place: string): void {
  let sent = captured(line, system);
  for (let each = 1; each <= 3; each++) {
    const at = each * 10 * SECOND;
    const failing = line.take(sent, { by: 'inventory', at, error: 'no such article' });
    const aside = { by: 'inventory', at: at + 10, inside: failing, to: place, system };
    const copy = line.send({
      ...aside,
      type: 'payment.captured',
      attributes: { 'throughline.dead_letter.reason': 'NoSuchArticle' },
    });
    if (each === 3) return;
    const taken = line.take(copy, { by: 'redriver', at: at + 5 * SECOND });
    const anew = { by: 'redriver', at: at + 5 * SECOND + 5, inside: taken, to: 'paid', system };
    sent = line.send({ ...anew, type: 'payment.captured' });
  }
}

/** BullMQ says it in a span of its own, inside the processing of the job. */
function exhausted(line: Storyline): void {
  const sent = captured(line, 'bullmq');
  for (let each = 1; each <= 3; each++) {
    const at = each * 10 * SECOND;
    const taking = { by: 'inventory', at, attempt: each, error: 'no such article' };
    const inside = line.take(sent, taking);
    const attributes = {
      'bullmq.queue.operation': 'fail',
      'bullmq.queue.name': 'paid',
      'bullmq.job.failed.reason': 'no such article',
    };
    line.step({ by: 'inventory', name: 'fail paid', at: at + 10, inside, attributes });
  }
}

const WAYS: readonly (readonly [string, (line: Storyline) => void, string])[] = [
  [
    'rabbitmq',
    (line) => refused(line, 'rabbitmq', { error: 'nack called on message without requeue' }),
    'rabbitmqctl set_parameter shovel',
  ],
  [
    'servicebus',
    (line) => {
      const attributes = { 'messaging.servicebus.disposition_status': 'dead_letter' };
      refused(line, 'servicebus', { attributes });
    },
    '@azure/service-bus',
  ],
  ['bullmq', exhausted, 'retryJobs'],
  ['kafka', (line) => copied(line, 'kafka', 'paid-dlt'), '--topic paid-dlt'],
  ['aws_sqs', (line) => copied(line, 'aws_sqs', 'paid-dlq'), '--queue-name paid-dlq'],
  ['nats', (line) => copied(line, 'nats', 'paid.dlq'), '--filter paid.dlq'],
  ['redis', (line) => copied(line, 'redis', 'paid:dlq'), '2 paid:dlq'],
];

function of(findings: readonly Finding[], rule: Finding['rule']): Finding | undefined {
  return findings.find((each) => each.rule === rule);
}

describe.each(WAYS)('dead letters of %s', (system, way, command) => {
  const stage = staged(unlearned, (begin) => {
    for (const each of [1, 2]) way(begin(each));
  });
  const findings = judgedOnce(stage, 14 * MINUTE);
  const backlog = of(findings, 'dead-letter-backlog');

  test('are one finding with their cause, and those that came back twice are told', () => {
    expect(backlog?.runsAffected, findings.map(({ sentence }) => sentence).join('\n')).toBe(2);
    expect(backlog?.sentence).toContain('payment.captured in inventory 1.4.0');
    expect(backlog?.sentence).toContain('2 of them came back ×2');
  });

  test(`are sent back by the command of ${system}`, () => {
    expect(backlog?.next[0]?.command).toContain(command);
  });

  test('are why their runs stand still', () => {
    const stalled = of(findings, 'stalled-run');
    expect(stalled?.verdict, stalled?.sentence).toBe('dead-lettered');
    expect([...(stalled?.runIds ?? [])].sort()).toEqual([...(backlog?.runIds ?? [])].sort());
  });
});
