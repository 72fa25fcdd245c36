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
    ['- { name: a, sqs: "https://sqs" }', 'does not read the attributes of SQS queues yet'],
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
