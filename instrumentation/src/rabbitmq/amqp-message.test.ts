import { describe, expect, it } from 'vitest';
import { destinationName, routeAttributes } from './amqp-message.js';

const nowhere = { address: null, port: null };

/** The table of the RabbitMQ page of the messaging conventions, 1.44. */
describe('the name of a destination', () => {
  it.each([
    ['orders', 'placed', null, 'orders:placed'],
    ['orders', '', null, 'orders'],
    ['', 'jobs', null, 'jobs'],
    ['', '', null, 'amq.default'],
    ['orders', 'placed', 'billing', 'orders:placed:billing'],
    ['orders', '', 'billing', 'orders:billing'],
    ['', 'jobs', 'jobs', 'jobs'],
    ['orders', 'billing', 'billing', 'orders:billing'],
  ])(
    'of exchange "%s", routing key "%s", queue "%s" is %s',
    (exchange, routingKey, queue, name) => {
      expect(destinationName({ exchange, routingKey, queue })).toBe(name);
    },
  );

  it('of a direct reply is the same for every caller, and marked as temporary', () => {
    const route = {
      exchange: '',
      routingKey: 'amq.rabbitmq.reply-to.g1h2AA5yZXBseUAyNzE0OTM2',
      queue: null,
    };
    expect(destinationName(route)).toBe('amq.rabbitmq.reply-to');
    expect(routeAttributes(route, nowhere)).toEqual({
      'messaging.rabbitmq.destination.routing_key': 'amq.rabbitmq.reply-to',
      'messaging.destination.anonymous': true,
      'messaging.destination.temporary': true,
    });
  });
});
