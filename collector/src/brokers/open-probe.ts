import type { Clock } from '../clock.js';
import type { BrokerTarget } from '../config/config.js';
import { JetstreamProbe } from './jetstream-probe.js';
import { KafkaProbe } from './kafka-probe.js';
import type { Probe } from './probe.js';
import { RabbitmqProbe } from './rabbitmq-probe.js';
import { RedisProbe } from './redis-probe.js';
import { SqsProbe } from './sqs-probe.js';

export function openProbe(target: BrokerTarget, clock: Pick<Clock, 'now'>): Probe {
  const { user, password } = target;
  const place = { url: new URL(target.url), user, password };
  switch (target.kind) {
    case 'rabbitmq':
      return new RabbitmqProbe(place, target.vhost);
    case 'nats':
      return new JetstreamProbe(place);
    case 'redis':
      return new RedisProbe(place, target);
    case 'kafka':
      return new KafkaProbe(target, clock);
    case 'sqs':
      return new SqsProbe(target, clock);
  }
}
