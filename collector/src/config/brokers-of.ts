import { resolve } from 'node:path';
import type { BrokerKind } from '@throughline/model/broker';
import { brokerKinds, type BrokerEntry } from './broker-schema.js';
import { fail, type CheckedEntries } from './checked-entries.js';
import type { BrokerTarget, KafkaAddress } from './config.js';
import { kafkaAddresses, kafkaMechanism } from './kafka-addresses.js';
import { readSecret } from './environment-layer.js';
import { sqsRegion, type SqsRegion } from './sqs-region.js';

const EVERY_MS = 10_000;
/** Each queue is a request that is paid for. */
const SQS_EVERY_MS = 60_000;
const EVERY_MS_MIN = 1_000;

const SCHEMES: Readonly<Record<BrokerKind, { readonly fits: RegExp; readonly example: string }>> = {
  rabbitmq: {
    fits: /^https?:$/,
    example: 'the address of the management API, such as http://127.0.0.1:15672',
  },
  nats: {
    fits: /^https?:$/,
    example: 'the address of the monitoring port (`http_port`), such as http://127.0.0.1:8222',
  },
  redis: { fits: /^rediss?:$/, example: 'an address such as redis://127.0.0.1:6379/0' },
  kafka: {
    fits: /^kafka:$/,
    example:
      'brokers such as 10.0.0.1:9092, 10.0.0.2:9092, with tls, user and password beside them',
  },
  sqs: { fits: /^https?:$/, example: 'a region such as eu-west-1, or the address of an endpoint' },
};

/** The brokers to ask. @throws Fault BAD_CONFIG; no message repeats an address or a password. */
export function brokersOf(checked: CheckedEntries): readonly BrokerTarget[] {
  const entries = checked.entries.brokers ?? [];
  return entries.map((entry, index) => {
    if (entries.findIndex(({ name }) => name === entry.name) !== index) {
      const place = ['brokers', index, 'name'];
      fail(checked, place, `brokers[${index}]: another broker is called "${entry.name}" already`);
    }
    return targetOf(entry, index, checked);
  });
}

function targetOf(entry: BrokerEntry, index: number, checked: CheckedEntries): BrokerTarget {
  const kind = brokerKinds(entry)[0] ?? 'rabbitmq';
  const refuse = (key: string, message: string): never =>
    fail(checked, ['brokers', index, key], `brokers[${index}].${key}: ${message}`);
  const { fits, example } = SCHEMES[kind];
  const bootstrap = kind === 'kafka' ? kafkaAddresses(entry.kafka ?? '') : [];
  const sqs = kind === 'sqs' ? sqsRegion(entry.sqs ?? '', entry.region) : null;
  const text = addressOf(entry, kind, { bootstrap, sqs });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !fits.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return refuse(kind, `expected ${example}`);
  }
  const { streams = [], bullmq = [] } = entry;
  if (kind === 'redis' && streams.length + bullmq.length === 0) {
    refuse(kind, 'name what to look at: add streams: [name], bullmq: [queue], or both');
  }
  if (sqs?.region === '') refuse(kind, 'the address does not name its region: add region');
  const everyMs = entry.every ?? (kind === 'sqs' ? SQS_EVERY_MS : EVERY_MS);
  if (everyMs < EVERY_MS_MIN) refuse('every', 'asks a broker too often: at least 1s');
  const login = credentials(entry, url, checked.folder);
  if (kind === 'sqs' && login.user !== null && login.password === null) {
    refuse('user', 'is an access key id: set password, its secret access key, as well');
  }
  return {
    name: entry.name,
    kind,
    everyMs,
    ...login,
    vhost: entry.vhost ?? '/',
    streams,
    bullmq,
    bullmqPrefix: entry.bullmq_prefix ?? 'bull',
    bootstrap,
    isTls: entry.tls ?? false,
    mechanism: kafkaMechanism(entry.mechanism),
    region: sqs?.region ?? '',
    endpoint: sqs?.endpoint ?? null,
    queues: entry.queues ?? [],
    cloudwatch: entry.cloudwatch ?? false,
  };
}

interface Places {
  readonly bootstrap: readonly KafkaAddress[];
  readonly sqs: SqsRegion | null;
}

/** As one address, also where it is given in another way; empty where it is none. */
function addressOf(entry: BrokerEntry, kind: BrokerKind, { bootstrap, sqs }: Places): string {
  const text = entry[kind] ?? '';
  const [first] = bootstrap;
  if (first !== undefined) {
    const { host, port } = first;
    return `kafka://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
  if (sqs === null) return kind === 'kafka' || kind === 'sqs' ? '' : text;
  return /^https?:/.test(text) ? text : `https://sqs.${sqs.region}.amazonaws.com`;
}

/** User and password stand beside the address, or in it. From here on the address is without them. */
function credentials(entry: BrokerEntry, url: URL, folder: string) {
  const inAddress = { user: decoded(url.username), password: decoded(url.password) };
  url.username = '';
  url.password = '';
  const fromFile =
    entry.password_file === undefined
      ? null
      : readSecret(resolve(folder, entry.password_file), `broker ${entry.name}`);
  return {
    url: url.href,
    user: entry.user ?? inAddress.user,
    password: fromFile ?? entry.password ?? inAddress.password,
  };
}

function decoded(part: string): string | null {
  if (part === '') return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
