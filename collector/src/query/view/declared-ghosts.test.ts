import type { DeclaredTopology } from '@throughline/model/policy';
import { placeId } from '@throughline/model/traffic';
import { describe, expect, it } from 'vitest';
import type { DestinationTraffic } from '../../store/read-store.js';
import { declaredGhosts } from './declared-ghosts.js';

const origin = 'asyncapi.yaml';
const orders = { destination: 'ordering.orders', system: 'kafka', messageTypes: ['OrderCreated'] };
const created = { destination: 'order-created', system: null, messageTypes: ['order-created'] };

function topology(...movements: DeclaredTopology['movements']): DeclaredTopology {
  return { services: [{ name: 'Order Service', origin }], destinations: [], movements };
}

function seen(system: string, destination: string, messageType: string | null) {
  return { system, destination, messageType, isDeadLetterDestination: false } as DestinationTraffic;
}

function edges(declared: DeclaredTopology, ...traffic: DestinationTraffic[]): string[] {
  return declaredGhosts(declared, traffic, 'destination').edges.map(
    ({ from, to }) => `${placeId(from)} → ${placeId(to)}`,
  );
}

describe('what a document declares', () => {
  it('is drawn though nothing moved', () => {
    const send = { kind: 'send', service: 'Order Service', ...orders, origin } as const;
    const take = { kind: 'take', service: 'mailer', ...created, origin } as const;
    expect(edges(topology(send, take))).toEqual([
      'service:Order Service → destination:kafka/ordering.orders',
      'destination:order-created → service:mailer',
    ]);
  });

  it('lies at the destination that was seen, when that has its name or carries that message', () => {
    const take = { kind: 'take', service: 'mailer', ...created, origin } as const;
    expect(edges(topology(take), seen('nats', 'order-created', null))).toEqual([
      'destination:nats/order-created → service:mailer',
    ]);
    expect(edges(topology(take), seen('rabbitmq', 'orders', 'order-created'))).toEqual([
      'destination:rabbitmq/orders → service:mailer',
    ]);
  });

  it('has a tube per message type at the level of events', () => {
    const send = { kind: 'send', service: 'Order Service', ...orders, origin } as const;
    const { edges: found } = declaredGhosts(topology(send), [], 'event');
    expect(found.map(({ to }) => to.name)).toEqual(['ordering.orders · OrderCreated']);
  });
});
