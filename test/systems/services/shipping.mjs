// Ships what was paid for. It knows nothing of tracing: --import instruments it.
import { connect } from 'amqplib';

const [, , takesFrom] = process.argv;
const connection = await connect(process.env.AMQP_URL);
const channel = await connection.createChannel();
await channel.consume(takesFrom, (message) => {
  channel.ack(message);
});
process.on('SIGTERM', () => void connection.close());
console.log('shipping is consuming');
