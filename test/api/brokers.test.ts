import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokerView } from '@throughline/model/api/brokers';
import { destinationView, type DestinationView } from '@throughline/model/api/catalog';
import {
  deadLetterView,
  findingView,
  type DeadLetterView,
  type FindingView,
} from '@throughline/model/api/findings';
import { page } from '@throughline/model/api/primitives';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { instantFromMs } from '@throughline/model/time';
import { brokerTarget } from '../support/broker-target.js';
import { fakeBroker, rabbitAnswers, type FakeBroker } from '../support/fake-broker.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

let broker: FakeBroker;
let dataFolder: string;
let collector: OpenCollector;

const SECRET = 'not-to-be-told';
/** Seconds of the broker's clock. */
const AGO_10_MIN = Math.floor(Date.now() / 1_000) - 600;
const PARKED = rabbitAnswers(
  [
    {
      name: 'orders.q',
      consumers: 1,
      messages_ready: 2,
      arguments: { 'x-dead-letter-exchange': 'dlx' },
    },
    { name: 'parked', consumers: 0, messages_ready: 5, head_message_timestamp: AGO_10_MIN },
  ],
  [
    ['dlx', 'parked', '#'],
    ['orders', 'orders.q', 'order.*'],
  ],
);

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'throughline-brokers-'));
  broker = await fakeBroker(PARKED);
  collector = await open();
});
afterEach(async () => {
  await collector.close();
  await broker.close();
  rmSync(dataFolder, { recursive: true });
});

function open(): Promise<OpenCollector> {
  const target = brokerTarget({
    name: 'events',
    kind: 'rabbitmq',
    url: broker.url,
    user: 'watcher',
    password: SECRET,
    everyMs: 200,
  });
  return openCollector({ dataFolder, change: (settings) => ({ ...settings, brokers: [target] }) });
}

async function read<T>(path: string, parse: { parse: (body: unknown) => { items: T[] } }) {
  return parse.parse((await collector.get(path)).body).items;
}
const destination = async (name: string): Promise<DestinationView | undefined> =>
  (await read('/destinations', page(destinationView))).find((each) => each.name === name);
const deadLetters = (): Promise<DeadLetterView[]> => read('/dead-letters', page(deadLetterView));
const backlogs = (): Promise<FindingView[]> =>
  read('/findings?rule=dead-letter-backlog&state=open', page(findingView));
const state = async () => (await read('/brokers', page(brokerView)))[0];
const text = async (path: string): Promise<string> =>
  (await fetch(`${collector.url}${path}`)).text();

describe('a broker that answers', () => {
  it('shows queues and dead letters that no span ever showed', async () => {
    const parked = await until('the broker was read', () => destination('parked'));
    expect(parked).toMatchObject({
      system: 'rabbitmq',
      isDeadLetter: true,
      deadLetterOf: 'orders.q',
      backlog: 5,
      producers: [],
      broker: { broker: 'events', state: 'ok', waiting: 5, consumers: 0, isOldestExact: true },
    });
    expect(parked.oldestAgeMs).toBeGreaterThanOrEqual(600_000);
    expect(await deadLetters()).toMatchObject([
      { destination: 'parked', count: 5, groups: [], broker: { waiting: 5 } },
    ]);
    expect(await state()).toMatchObject({ name: 'events', state: 'ok', reason: null, queues: 2 });
    expect(await text('/metrics')).toContain('throughline_broker_up{broker="events"} 1');
  });

  it('stands beside what spans show of an exchange that leads to its queues', async () => {
    const story = new Storyline({
      seed: 'beside',
      startNs: instantFromMs(Date.now()),
      correlation: 'order-1',
      system: 'rabbitmq',
    });
    story.send({ by: 'shop', to: 'orders', type: 'order.placed', at: 0 });
    await collector.send(story.spans);
    const orders = await until('both are known', async () => {
      const found = await destination('orders');
      return found?.broker?.state === 'ok' ? found : null;
    });
    expect(orders).toMatchObject({
      producers: ['shop'],
      backlog: 1,
      broker: { waiting: 2, consumers: 1 },
    });
    expect(orders.broker?.queues.map(({ name }) => name)).toEqual(['orders.q']);
  });
});

describe('a broker that does not answer', () => {
  it('is no data, with the reason and without the password, and keeps the collector ready', async () => {
    broker.behave = (response) => void response.writeHead(401).end();
    const said = await until('it is noticed', async () => {
      const now = await state();
      return now?.state === 'no-data' && now.reason?.includes('does not know') ? now : null;
    });
    expect(said.reason).toContain('does not know the user watcher');
    const ready = await fetch(`${collector.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'ready',
      reasons: [expect.stringContaining('no data of the broker events')],
    });
    expect(await text('/metrics')).toContain('throughline_broker_up{broker="events"} 0');
    for (const path of ['/readyz?verbose', '/api/v1/brokers', '/metrics', '/api/v1/destinations']) {
      expect(await text(path)).not.toContain(SECRET);
    }
  });

  it('leaves what it said, marked as old, and its findings open, over a restart too', async () => {
    const [before] = await until('the backlog is found', async () => {
      const found = await backlogs();
      return found.length > 0 ? found : null;
    });
    expect(before?.sentence).toContain('parked (rabbitmq) holds 5 messages, the oldest for 10 min');
    broker.behave = (response) => void response.destroy();
    await until(
      'it is noticed',
      async () => (await destination('parked'))?.broker?.state === 'no-data',
    );
    expect((await destination('parked'))?.broker).toMatchObject({ waiting: 5, state: 'no-data' });

    await collector.close();
    collector = await open();
    const [after] = await until('it is judged again', async () => {
      const found = await backlogs();
      return found[0]?.sentence.includes('unknown') === true ? found : null;
    });
    expect(after?.id).toBe(before?.id);
    expect(after?.openedAt).toBe(before?.openedAt);
    expect((await deadLetters())[0]).toMatchObject({ count: 5, broker: { state: 'no-data' } });

    broker.behave = null;
    broker.answers = rabbitAnswers([{ name: 'parked', messages_ready: 0, consumers: 0 }]);
    await until('it answers again, and closes it', async () => (await backlogs()).length === 0);
  }, 60_000);
});
