// CommonJS with rabbitmq-client: a publisher with confirms, a consumer that reads ahead, one that drops.
const { Connection, ConsumerStatus } = require('rabbitmq-client');
const { currentKeys, workflow } = require('@throughline/instrumentation');

const [, , suffix] = process.argv;
const rabbit = new Connection(process.env.AMQP_URL);
const name = (text) => `${text}-${suffix}`;

async function main() {
  const seen = [];
  let told;
  const done = new Promise((resolve) => (told = resolve));
  const dead = rabbit.createConsumer(
    { queue: name('dead'), queueOptions: { exclusive: true } },
    () => told(),
  );
  await new Promise((resolve) => dead.once('ready', resolve));
  const away = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': name('dead') };
  const consumer = rabbit.createConsumer(
    {
      queue: name('jobs'),
      queueOptions: { exclusive: true, arguments: away },
      concurrency: 1,
      qos: { prefetchCount: 2 },
    },
    async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      seen.push({ body: message.body, keys: currentKeys() });
      if (message.body.n === 2) return ConsumerStatus.DROP;
    },
  );
  await new Promise((resolve) => consumer.once('ready', resolve));
  const publisher = rabbit.createPublisher({ confirm: true });
  for (const n of [1, 2]) {
    await workflow('jobs', { key: { job: `${suffix}-${n}` } }, () =>
      publisher.send({ routingKey: name('jobs'), messageId: `job-${n}` }, { n }),
    );
  }
  await publisher.send({ routingKey: name('nobody'), mandatory: true, messageId: 'job-lost' }, 'x');
  await done;
  console.log(`seen ${JSON.stringify(seen)}`);
  await publisher.close();
  await consumer.close();
  await dead.close();
  await rabbit.close();
}

main();
