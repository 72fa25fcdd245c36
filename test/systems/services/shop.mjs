// Places one order and leaves. It knows nothing of tracing: --import instruments it.
import { connect } from 'amqplib';

const [, , sendsTo, orderId] = process.argv;
const connection = await connect(process.env.AMQP_URL);
const channel = await connection.createConfirmChannel();
channel.sendToQueue(sendsTo, Buffer.from(JSON.stringify({ orderId })), {
  messageId: `m-${orderId}`,
  correlationId: orderId,
  type: 'order.placed',
});
await channel.waitForConfirms();
await connection.close();
