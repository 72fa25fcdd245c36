import type { BrokerTarget } from '../../collector/src/config/config.js';

type Given = Pick<BrokerTarget, 'name' | 'kind' | 'url'> & Partial<BrokerTarget>;

/** A broker to ask, every second, as the configuration gives it where nothing else is said. */
export function brokerTarget(given: Given): BrokerTarget {
  return {
    user: null,
    password: null,
    everyMs: 1_000,
    vhost: '/',
    streams: [],
    bullmq: [],
    bullmqPrefix: 'bull',
    bootstrap: [],
    isTls: false,
    mechanism: 'PLAIN',
    region: '',
    endpoint: null,
    queues: [],
    cloudwatch: false,
    ...given,
  };
}
