"""Takes paid orders from one queue and says so on the next. It knows nothing of tracing: it is started by
opentelemetry-instrument, the stock automatic instrumentation."""

import os
import signal
import sys

import pika

takes_from, sends_to = sys.argv[1:3]


def take(channel, method, properties, body):
    paid = pika.BasicProperties(
        message_id=properties.message_id + "-paid",
        correlation_id=properties.correlation_id,
        type="payment.captured",
    )
    channel.basic_publish(exchange="", routing_key=sends_to, body=body, properties=paid)
    channel.basic_ack(method.delivery_tag)


def leave(*_):
    raise SystemExit(0)


signal.signal(signal.SIGTERM, leave)
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.basic_consume(takes_from, take)
print("payments is consuming", flush=True)
channel.start_consuming()
