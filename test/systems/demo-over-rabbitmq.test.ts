import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeadLetterView, FindingView } from '@throughline/model/api/findings';
import type { Page } from '@throughline/model/api/primitives';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { startProgram, type Program } from '../support/start-program.js';
import { until } from '../support/until.js';

const PROGRAM = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url));
const PATIENCE = { withinMs: 60_000, everyMs: 250 };
const READERS = ['analytics', 'inventory', 'invoice', 'notification', 'payment', 'shipping'];

let demo: Program;
let url: string;

beforeAll(async () => {
  demo = startProgram([process.execPath, PROGRAM, 'demo', '--port', '0', '--seed', 'test']);
  [, url = ''] = await demo.says(/^throughline ready at (http:\S+)$/m, 90_000);
});

afterAll(async () => {
  await demo.stop('SIGINT');
  const connection = await connect(process.env['AMQP_URL'] ?? '');
  const channel = await connection.createChannel();
  for (const reader of READERS) {
    await channel.deleteQueue(`demo.${reader}`);
    await channel.deleteQueue(`demo.${reader}.dead-letter`);
  }
  for (const exchange of ['demo.events', 'demo.dead-letters']) {
    await channel.deleteExchange(exchange);
  }
  await connection.close();
});

async function read<T>(path: string): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`);
  if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
  return (await answer.json()) as T;
}

it('an order over a real broker is one choreographed run of seven services', async () => {
  const order = await until(
    'order 8101 has arrived',
    async () => {
      const { items } = await read<Page<RunItem>>('/runs?key=order:8101');
      return items.find(({ status, services }) => status === 'completed' && services.length >= 7);
    },
    PATIENCE,
  );
  expect(order.pattern).toBe('choreographed');
  expect(order.traceCount).toBeGreaterThanOrEqual(7);
  const { messages } = await read<RunDetail>(`/runs/${order.id}`);
  const captured = messages.find(({ type }) => type === 'payment.captured');
  expect(captured?.system).toBe('rabbitmq');
  expect(captured?.subscriptions).toEqual(['demo.inventory', 'demo.invoice']);
});

it('what the broker gives back to its sender is an event that nobody reads', async () => {
  const finding = await until(
    'order.gift-wrapped is a finding',
    async () =>
      (await read<Page<FindingView>>('/findings?rule=missing-consumer&state=open')).items.find(
        ({ sentence }) => sentence.includes('order.gift-wrapped'),
      ),
    PATIENCE,
  );
  expect(finding.sentence).toMatch(/returned|undeliverable/);
});

it('what invoice refuses for good is a dead letter with its queue and its reason', async () => {
  const letters = await until(
    'there are dead letters',
    async () => (await read<Page<DeadLetterView>>('/dead-letters')).items[0],
    PATIENCE,
  );
  expect(
    letters.groups.map(({ service, eventType }) => `${service ?? ''} ${eventType ?? ''}`),
  ).toEqual(['invoice payment.captured']);
  const query = '/findings?rule=dead-letter-backlog&state=open';
  await until(
    'it is a finding',
    async () => (await read<Page<FindingView>>(query)).items[0],
    PATIENCE,
  );
});
