import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-brokers-'));
  writeFileSync(join(folder, 'password'), 'from-file\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function load(entries: string) {
  writeFileSync(join(folder, 'throughline.yaml'), `brokers:\n${entries}`);
  return loadConfig({ flags: {}, env: {}, cwd: folder }).brokers;
}

function complaint(entries: string): string {
  try {
    load(entries);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
  throw new Error('the configuration was accepted');
}

describe('brokers', () => {
  it('are asked every ten seconds, unless said otherwise', () => {
    expect(
      load(`
  - { name: events, rabbitmq: "http://10.0.0.1:15672", user: watcher, password_file: password }
  - { name: jobs, redis: "rediss://:p%40ss@cache:6380/2", bullmq: [mails], every: 1m }
`),
    ).toMatchObject([
      {
        name: 'events',
        kind: 'rabbitmq',
        url: 'http://10.0.0.1:15672/',
        user: 'watcher',
        password: 'from-file',
        everyMs: 10_000,
        vhost: '/',
      },
      {
        kind: 'redis',
        url: 'rediss://cache:6380/2',
        user: null,
        password: 'p@ss',
        everyMs: 60_000,
        bullmq: ['mails'],
        bullmqPrefix: 'bull',
      },
    ]);
  });

  it('of Kafka are entered by several addresses, over TLS and with a user if said', () => {
    expect(
      load(`
  - { name: events, kafka: "Kafka-1.internal, 10.0.0.2:9093,[::1]:9094" }
  - { name: other, kafka: "k:1", tls: true, user: watcher, password: geheim, mechanism: scram-sha-512 }
`),
    ).toMatchObject([
      {
        kind: 'kafka',
        url: 'kafka://Kafka-1.internal:9092',
        bootstrap: [
          { host: 'Kafka-1.internal', port: 9_092 },
          { host: '10.0.0.2', port: 9_093 },
          { host: '::1', port: 9_094 },
        ],
        isTls: false,
        user: null,
      },
      {
        bootstrap: [{ host: 'k', port: 1 }],
        isTls: true,
        mechanism: 'SCRAM-SHA-512',
        user: 'watcher',
      },
    ]);
  });

  it('of SQS are regions or endpoints, asked once a minute, since each question is paid for', () => {
    expect(
      load(`
  - { name: a, sqs: eu-west-1, queues: [orders], cloudwatch: true }
  - { name: b, sqs: "https://sqs.cn-north-1.amazonaws.com.cn" }
  - { name: c, sqs: "https://vpce-1.sqs.us-east-2.vpce.amazonaws.com", user: AKIA, password_file: password }
  - { name: d, sqs: "http://AKIA:geheim@localhost:5000", region: us-east-1, every: 5s }
`),
    ).toMatchObject([
      {
        kind: 'sqs',
        url: 'https://sqs.eu-west-1.amazonaws.com/',
        region: 'eu-west-1',
        endpoint: null,
        queues: ['orders'],
        cloudwatch: true,
        everyMs: 60_000,
        user: null,
      },
      { region: 'cn-north-1', endpoint: null, cloudwatch: false },
      {
        region: 'us-east-2',
        endpoint: 'https://vpce-1.sqs.us-east-2.vpce.amazonaws.com/',
        user: 'AKIA',
        password: 'from-file',
      },
      {
        region: 'us-east-1',
        endpoint: 'http://localhost:5000/',
        user: 'AKIA',
        password: 'geheim',
        everyMs: 5_000,
      },
    ]);
  });

  it.each([
    ['- { name: a }', 'needs exactly one of rabbitmq, nats, redis, kafka, sqs'],
    ['- { name: a, nats: "http://x:8222", redis: "redis://x" }', 'needs exactly one of'],
    ['- { name: a, rabbitmq: "amqp://u:geheim@x" }', 'expected the address of the management API'],
    [
      '- { name: a, nats: "nats://u:geheim@x:4222" }',
      'expected the address of the monitoring port',
    ],
    ['- { name: a, redis: "redis://:geheim@x" }', 'name what to look at'],
    ['- { name: a, kafka: "u:geheim@x:9092" }', 'with tls, user and password beside them'],
    ['- { name: a, kafka: "x:9092,, y" }', 'expected brokers such as 10.0.0.1:9092'],
    ['- { name: a, kafka: "kafka://x:9092" }', 'expected brokers such as'],
    ['- { name: a, kafka: "x:99999" }', 'expected brokers such as'],
    ['- { name: a, kafka: x, mechanism: geheim }', 'brokers[0].mechanism'],
    ['- { name: a, kafka: x, mechanism: plain }', 'mechanism is how user and password are told'],
    ['- { name: a, nats: "http://x", tls: true }', 'is only for kafka'],
    [
      '- { name: a, sqs: "https://u:geheim@localhost:5000" }',
      'does not name its region: add region',
    ],
    ['- { name: a, sqs: geheim }', 'expected a region such as eu-west-1'],
    ['- { name: a, sqs: eu-west-1, user: AKIA }', 'set password, its secret access key'],
    ['- { name: a, sqs: eu-west-1, cloudwatch: geheim }', 'the address of CloudWatch'],
    ['- { name: a, nats: "http://x", queues: [q] }', 'is only for sqs'],
    ['- { name: a, nats: "http://x", vhost: v }', 'is only for rabbitmq'],
    ['- { name: a, nats: "http://x", every: 10ms }', 'at least 1s'],
    ['- { name: a, nats: "http://x", password: geheim, password_file: p }', 'exclude each other'],
    ['- { name: a, nats: "http://x", usr: u }', 'did you mean "user"?'],
    ['- { name: a, nats: "http://x" }\n  - { name: a, nats: "http://y" }', 'is called "a" already'],
  ])('%s: %s', (entries, words) => {
    const text = complaint(`  ${entries}\n`);
    expect(text).toContain(words);
    expect(text).toMatch(/throughline.yaml:\d+:\d+: /);
    expect(text).not.toContain('geheim');
  });
});
