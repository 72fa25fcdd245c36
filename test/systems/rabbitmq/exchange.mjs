// An ES module that uses amqplib (CommonJS), knows nothing of tracing but for naming its run, and plays through what
// can happen to a message. Which part, and the names of its queues, come as arguments.
import amqp from 'amqplib';
import callbackApi from 'amqplib/callback_api';
import { currentKeys, step, workflow } from '@throughline/instrumentation';

const [, , part, suffix] = process.argv;
const connection = await amqp.connect(process.env.AMQP_URL);
const name = (text) => `${text}-${suffix}`;
const order = { key: { order: suffix } };
const body = Buffer.from('{"id":1}');
const once = (channel, queue, handle, options) =>
  new Promise((resolve) => {
    channel.consume(queue, async (message) => resolve(await handle(message)), options);
  });

const parts = {
  /** shop publishes to an exchange, billing takes, works and publishes on, audit takes that. */
  async happy() {
    const channel = await connection.createChannel();
    await channel.assertExchange(name('orders'), 'topic', { autoDelete: true });
    for (const queue of ['billing', 'audit'])
      await channel.assertQueue(name(queue), { exclusive: true });
    await channel.bindQueue(name('billing'), name('orders'), 'order.placed');
    const audited = once(
      channel,
      name('audit'),
      async (message) => {
        console.log(`audited ${JSON.stringify({ keys: currentKeys(), ...properties(message) })}`);
      },
      { noAck: true },
    );
    const billed = once(channel, name('billing'), async (message) => {
      await step('charge', () => new Promise((resolve) => setTimeout(resolve, 20)));
      console.log(`billed ${JSON.stringify({ keys: currentKeys(), ...properties(message) })}`);
      channel.sendToQueue(name('audit'), Buffer.from('x'), { type: 'payment.captured' });
      channel.ack(message);
    });
    const options = { type: 'order.placed', headers: { tenant: 'acme' } };
    workflow('checkout', order, () => {
      channel.publish(name('orders'), 'order.placed', body, options);
    });
    console.log(`left alone ${JSON.stringify(options)}`);
    await Promise.all([audited, billed]);
  },

  /** Refused without requeue, dead-lettered, and found in the dead-letter queue; refused with requeue, redelivered. */
  async deadletters() {
    const channel = await connection.createChannel();
    await channel.assertExchange(name('dlx'), 'fanout', { autoDelete: true });
    await channel.assertQueue(name('dead'), { exclusive: true });
    await channel.bindQueue(name('dead'), name('dlx'), '');
    await channel.assertQueue(name('work'), { exclusive: true, deadLetterExchange: name('dlx') });
    const found = once(channel, name('dead'), (message) => channel.ack(message));
    let deliveries = 0;
    await channel.consume(name('work'), (message) => {
      deliveries += 1;
      if (deliveries === 1) channel.nack(message, false, true);
      else channel.reject(message, false);
    });
    workflow('checkout', order, () => {
      channel.sendToQueue(name('work'), body, { messageId: 'm-1', correlationId: 'conv-1' });
    });
    await found;
  },

  /** A retry loop through a dead-letter exchange: rejected, waits in another queue, comes back. */
  async retries() {
    const channel = await connection.createChannel();
    const back = { exclusive: true, deadLetterExchange: '', deadLetterRoutingKey: name('jobs') };
    await channel.assertQueue(name('pause'), { ...back, messageTtl: 50 });
    const away = { exclusive: true, deadLetterExchange: '', deadLetterRoutingKey: name('pause') };
    await channel.assertQueue(name('jobs'), away);
    let deliveries = 0;
    await channel.consume(name('jobs'), (message) => {
      deliveries += 1;
      if (deliveries < 3) channel.nack(message, false, false);
      else channel.ack(message);
    });
    channel.sendToQueue(name('jobs'), body, { messageId: 'm-2' });
    await settled(() => deliveries === 3);
  },

  /** Confirms and returns, with the callback model as well; a mandatory message that nobody is bound for. */
  async returns() {
    const channel = await connection.createConfirmChannel();
    let returned = 0;
    channel.on('return', () => (returned += 1));
    const confirm = (key, options) =>
      new Promise((resolve, reject) =>
        channel.sendToQueue(key, body, options, (error) => (error ? reject(error) : resolve())),
      );
    await channel.assertQueue(name('there'), { exclusive: true });
    await confirm(name('there'), { mandatory: true, messageId: 'm-there' });
    await confirm(name('nowhere'), { mandatory: true, messageId: 'm-nowhere' });
    channel.sendToQueue(name('there'), body, { messageId: 'm-unwaited' });
    await channel.waitForConfirms();
    await new Promise((resolve, reject) => {
      callbackApi.connect(process.env.AMQP_URL, (error, plain) => {
        if (error) return reject(error);
        plain.createChannel((_, other) => {
          other.on('return', () => {
            returned += 1;
            plain.close(resolve);
          });
          other.sendToQueue(name('nowhere'), body, { mandatory: true, messageId: 'm-callback' });
        });
      });
    });
    console.log(`returned ${returned}`);
  },

  /** A message that is fetched, one that is never settled, and a handler that throws. */
  async loose() {
    const channel = await connection.createChannel();
    await channel.assertQueue(name('pulled'), { exclusive: true });
    channel.sendToQueue(name('pulled'), body, { messageId: 'm-pulled' });
    const fetched = await settled(() => channel.get(name('pulled')));
    channel.ack(fetched);
    await channel.assertQueue(name('stuck'), { exclusive: true });
    channel.on('handler-error', (error) => console.log(`heard ${error.message}`));
    channel.consume(name('stuck'), () => {
      throw new Error('cannot');
    });
    channel.sendToQueue(name('stuck'), body, { messageId: 'm-stuck' });
    await new Promise((resolve) => channel.once('handler-error', resolve));
    await channel.close();
  },
};

function properties(message) {
  const { correlationId, messageId, headers } = message.properties;
  return { correlationId, messageId, tenant: headers.tenant, cause: headers['causation-id'] };
}

async function settled(ask) {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

await parts[part]();
await connection.close();
