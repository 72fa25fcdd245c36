import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type ConfigFlags } from './load-config.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function load(
  yaml: string | null,
  given: { flags?: ConfigFlags; env?: Record<string, string> } = {},
) {
  if (yaml !== null) writeFileSync(join(folder, 'throughline.yaml'), yaml);
  return loadConfig({ flags: given.flags ?? {}, env: given.env ?? {}, cwd: folder });
}

function complaint(yaml: string | null, given: Parameters<typeof load>[1] = {}): string {
  try {
    load(yaml, given);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
  throw new Error('the configuration was accepted');
}

const WHOLE = `
server:   { listen: 127.0.0.1:4318, tokens: [] }
storage:  { sqlite: ./data, retention: { age: 14d, size: 20GiB } }
ingest:   { bus: in-process }
correlation:
  epoch_silence: 36h
  keys:
    - { attribute: order.id, type: order, relation: same }
    - { attribute: case.id,  type: case,  relation: same, services: [billing] }
    - { attribute: "data.links[].target", type: artifact, relation: same }
flows:
  - workflow: checkout
    starts: { event: order.placed }
    ends:   [ { event: order.shipped }, { event: order.cancelled, outcome: cancelled } ]
    deadline: 30m
    expect:
      - { after: payment.captured, event: stock.reserved, by: inventory, within: 30s }
      - { after: order.placed, by: mailer }
    compensations: { charge-card: refund-card }
no_consumer_expected: [ audit.* ]
detect:   { stalled: { min_samples: 20, probability: 0.98, factor: 3, floor: 5s, grace: 10s } }
alerts:
  receivers:
    - { name: team, webhook: "https://hooks.example", secret_file: secret }
  routes: [ { match: { rule: stalled-run, workflow: checkout }, receiver: team, for: 1m, repeat: 4h } ]
owners:   [ { service: inventory, team: stock, runbook: "https://runbooks.example" } ]
`;

describe('the configuration', () => {
  it('is complete without any file', () => {
    const config = load(null);
    expect(config.server.listen).toEqual({ host: '127.0.0.1', port: 4318 });
    expect(config.storage).toEqual({
      kind: 'sqlite',
      place: join(folder, 'data'),
      retention: { ageMs: 14 * 86_400_000, bytesMax: 20 * 2 ** 30 },
    });
    expect(config.policy.detect.stalled.graceMs).toBe(10_000);
    expect(config.documents).toEqual([]);
  });

  it('refuses a key that would begin a new run without any silence before', () => {
    expect(complaint('correlation: { epoch_silence: 0s }')).toMatch(
      /correlation\.epoch_silence.*above zero/s,
    );
  });

  it('reads every key of the contract', () => {
    writeFileSync(join(folder, 'secret'), 's3cret\n');
    const config = load(WHOLE);
    expect(config.policy.epochSilenceMs).toBe(36 * 3_600_000);
    expect(config.policy.keys).toEqual([
      { attribute: 'order.id', type: 'order', relation: 'same' },
      { attribute: 'case.id', type: 'case', relation: 'same', services: ['billing'] },
      { attribute: 'data.links[].target', type: 'artifact', relation: 'same' },
    ]);
    expect(config.policy.flows).toEqual([
      {
        workflow: 'checkout',
        startsWith: 'order.placed',
        ends: [
          { event: 'order.shipped', outcome: 'completed' },
          { event: 'order.cancelled', outcome: 'cancelled' },
        ],
        deadlineMs: 1_800_000,
        expects: [
          { after: 'payment.captured', event: 'stock.reserved', by: 'inventory', withinMs: 30_000 },
          { after: 'order.placed', event: null, by: 'mailer', withinMs: 1_800_000 },
        ],
        compensations: new Map([['charge-card', 'refund-card']]),
        origin: join(folder, 'throughline.yaml'),
      },
    ]);
    expect(config.alerts).toEqual({
      receivers: [
        {
          name: 'team',
          kind: 'webhook',
          target: 'https://hooks.example',
          secret: 's3cret',
          smtpUrl: null,
          from: null,
          url: null,
        },
      ],
      routes: [
        {
          match: { rule: 'stalled-run', workflow: 'checkout', service: null, severity: null },
          receiver: 'team',
          forMs: 60_000,
          repeatMs: 14_400_000,
          groupBy: [],
          groupIntervalMs: 30_000,
        },
      ],
      allowPrivate: false,
      noData: [],
      heartbeat: null,
    });
    expect(config.policy.owners).toEqual([
      { service: 'inventory', team: 'stock', runbook: 'https://runbooks.example' },
    ]);
  });

  it('lets a flag win over the environment, the environment over the file', () => {
    const yaml = 'server: { listen: 127.0.0.1:1 }\nstorage: { sqlite: ./from-file }\n';
    expect(load(yaml).server.listen.port).toBe(1);
    const env = { THROUGHLINE_PORT: '2', THROUGHLINE_DATA: './from-env' };
    expect(load(yaml, { env }).server.listen.port).toBe(2);
    expect(load(yaml, { env }).storage.place).toBe(join(folder, 'from-env'));
    const flags = { port: '0', data: '/tmp/from-flag' };
    expect(load(yaml, { env, flags }).server.listen.port).toBe(0);
    expect(load(yaml, { env, flags }).storage.place).toBe('/tmp/from-flag');
  });

  it('sets any key from the environment, with its unit, and reads secrets from files', () => {
    writeFileSync(join(folder, 'token'), 'from-a-file\n');
    const config = load(null, {
      env: {
        THROUGHLINE_DETECT__STALLED__GRACE: '20s',
        THROUGHLINE_DETECT__STALLED__FACTOR: '2.5',
        THROUGHLINE_NO_CONSUMER_EXPECTED: 'untouched: no double underscore',
        THROUGHLINE_SERVER__ALLOWED_HOSTS: 'a.example, b.example',
        THROUGHLINE_TOKENS_FILE: join(folder, 'token'),
        THROUGHLINE_PAYLOAD_KEY: 'belongs to the instrumentation',
      },
    });
    expect(config.policy.detect.stalled).toMatchObject({ graceMs: 20_000, factor: 2.5 });
    expect(config.server.allowedHosts).toEqual(['a.example', 'b.example']);
    expect(config.server.tokens.map((token) => token.secret)).toEqual(['from-a-file']);
    expect(config.policy.noConsumerExpected).toEqual([]);
  });

  it('fills in variables of the environment, with defaults', () => {
    const yaml =
      'server: { listen: "${env:WHERE:-127.0.0.1:7}" }\nowners: [{service: a$$b, team: x}]';
    expect(load(yaml).server.listen.port).toBe(7);
    expect(load(yaml, { env: { WHERE: '[::1]:8' } }).server.listen).toEqual({
      host: '::1',
      port: 8,
    });
    expect(load(yaml).policy.owners[0]?.service).toBe('a$b');
    expect(complaint('server:\n  listen: ${env:WHERE}\n')).toMatch(
      /^throughline.yaml:2:11: environment variable WHERE is not set/,
    );
  });

  it('suggests what an unknown key was meant to be, at its line and column', () => {
    expect(complaint('server:\n  lisen: 127.0.0.1:1\n')).toBe(
      'throughline.yaml:2:3: unknown key "lisen" in server; did you mean "listen"?',
    );
    expect(complaint('flows:\n  - workflow: a\n    expct: []\n')).toBe(
      'throughline.yaml:3:5: unknown key "expct" in flows[0]; did you mean "expect"?',
    );
    expect(complaint('zzzzzzzz: 1\n')).toMatch(
      /unknown key "zzzzzzzz" in the top level; known here: server, ui/,
    );
    expect(complaint(null, { env: { THROUGHLINE_SERVER__LISEN: 'x' } })).toContain(
      'unknown key "lisen" in server; did you mean "listen"?',
    );
  });

  it('names every mistake at once', () => {
    const lines = complaint('server: { lisen: 1 }\nstorage: { retention: { age: soon } }\n').split(
      '\n',
    );
    expect(lines).toEqual([
      'throughline.yaml:1:11: unknown key "lisen" in server; did you mean "listen"?',
      'throughline.yaml:2:25: storage.retention.age: expected a duration such as 30s, 5m or 14d, found "soon"',
    ]);
  });

  it.each([
    ['server: [\n', /^throughline.yaml:2:1: /],
    ['storage: { retention: { size: 20 gigs } }', /expected a size such as/],
    ['server: { listen: nowhere }', /expected an address such as 127.0.0.1:4318, found "nowhere"/],
    ['flows: [{ workflow: a, expect: [{ after: x, within: 1s }] }]', /add event, by or both/],
    ['flows: [{ workflow: a, expect: [{ after: x, by: y }] }]', /says no time: add within/],
    ['flows: [{ deadline: 3m }]', /exactly one of workflow, asyncapi, eventcatalog/],
    ['alerts: { receivers: [{ name: a }] }', /needs exactly one of webhook, slack/],
    ['alerts: { routes: [{ receiver: nobody }] }', /no receiver is called "nobody"/],
    [
      'alerts: { routes: [{ match: { rule: stalled }, receiver: a }] }',
      /alerts.routes\[0\].match.rule/,
    ],
    ['ingest: { bus: kafka }', /add kafka/],
    [
      'detect:\n  stalled: { probability: 2 }',
      /^throughline.yaml:2:14: detect.stalled.probability: expected a number above 0 and at most 1, found 2$/,
    ],
    ['detect: { stalled: { probability: 0 } }', /above 0 and at most 1, found 0/],
    ['detect: { stalled: { factor: -3 } }', /stalled.factor: expected a number above 0, found -3/],
    [
      'detect: { stalled: { min_samples: 2.5 } }',
      /min_samples: expected a whole number of at least 1, found 2.5/,
    ],
    ['detect: { stalled: { min_samples: 0 } }', /of at least 1, found 0/],
    ['storage: { retention: { age: 0d } }', /retention.age: expected a duration above zero/],
    ['storage: { retention: { size: 0GB } }', /retention.size: expected a size above zero/],
    ['flows: [{ workflow: a, deadline: 0s }]', /deadline: expected a duration above zero/],
    [
      'flows: [{ workflow: a, expect: [{ after: x, by: y, within: 0s }] }]',
      /within: expected a duration above zero/,
    ],
    ['alerts: { no_data: [{ service: a, workflow: b, for: 5m }] }', /takes workflow or service/],
    ['alerts: { heartbeat: { every: 1m } }', /needs exactly one of receiver, url/],
    ['alerts: { heartbeat: { url: "https://x.example", every: 1s } }', /every: at least 5s/],
    ['alerts: { heartbeat: { receiver: a, every: 1m } }', /heartbeat: no receiver is called "a"/],
    [
      'alerts: { receivers: [{ name: a, slack: "https://x.example" }], heartbeat: { receiver: a, every: 1m } }',
      /nobody notices when no slack message comes/,
    ],
    ['just a sentence', /the top level: expected object/],
  ])('refuses %s', (yaml, reason) => {
    expect(complaint(yaml)).toMatch(reason);
  });

  it('refuses a number of the environment that is out of range', () => {
    expect(complaint(null, { env: { THROUGHLINE_DETECT__STALLED__PROBABILITY: '98' } })).toContain(
      'detect.stalled.probability: expected a number above 0 and at most 1, found 98',
    );
  });

  it('takes the ends of the ranges, and waits of no time', () => {
    const { stalled } = load(
      'detect: { stalled: { min_samples: 1, probability: 1, factor: 0.5, floor: 0s, grace: 0s } }',
    ).policy.detect;
    expect(stalled).toEqual({
      minSamples: 1,
      probability: 1,
      factor: 0.5,
      floorMs: 0,
      graceMs: 0,
    });
  });

  it('refuses a named file that is not there, and a port that is none', () => {
    expect(complaint(null, { flags: { config: 'gone.yaml' } })).toBe(
      'gone.yaml: the file cannot be read',
    );
    expect(complaint(null, { flags: { port: 'http' } })).toBe(
      '--port: expected a port between 0 and 65535, found "http"',
    );
  });
});

describe('OTLP over gRPC', () => {
  it('is off, and comes on by its address, by `on`, by the environment or by a flag', () => {
    expect(load(null).server.grpc).toBeNull();
    expect(load('server: { grpc: off }').server.grpc).toBeNull();
    const usual = { host: '127.0.0.1', port: 4317 };
    expect(load('server: { grpc: 127.0.0.1:4317 }').server.grpc).toEqual(usual);
    expect(load('server: { grpc: on }').server.grpc).toEqual(usual);
    const env = { THROUGHLINE_SERVER__GRPC: 'on' };
    expect(load('server: {}', { env }).server.grpc).toEqual(usual);
    const named = { env: { THROUGHLINE_GRPC_PORT: '5' } };
    expect(load('server: {}', named).server.grpc).toEqual({ host: '127.0.0.1', port: 5 });
    const both = { ...named, flags: { grpcPort: '0' } };
    expect(load('server: { grpc: "[::1]:4317" }', both).server.grpc).toEqual({
      host: '::1',
      port: 0,
    });
  });

  it('is refused where the port is none', () => {
    expect(complaint(null, { flags: { grpcPort: 'x' } })).toContain('--grpc-port: expected a port');
    expect(complaint('server: { grpc: everywhere }')).toContain(
      'throughline.yaml:1:11: server.grpc',
    );
  });
});

describe('forwarding', () => {
  const endpoint = 'https://otel.example/otlp';

  it('takes an endpoint, with headers whose secrets stand elsewhere', () => {
    expect(load(null).forward).toBeNull();
    expect(load(`forward: ${endpoint}`).forward).toEqual({
      endpoint: new URL(endpoint),
      headers: {},
    });
    const yaml = `forward: { endpoint: "${endpoint}", headers: { X-Api-Key: "\${env:KEY}" } }`;
    writeFileSync(join(folder, 'secret'), 'Bearer hush\n');
    const env = {
      KEY: '1',
      THROUGHLINE_FORWARD__HEADERS__AUTHORIZATION_FILE: join(folder, 'secret'),
    };
    expect(load(yaml, { env }).forward?.headers).toEqual({
      'x-api-key': '1',
      authorization: 'Bearer hush',
    });
  });

  it.each([
    'otel:4317',
    'ftp://otel.example',
    'https://me:pw@otel.example',
    'http://x/?key=1',
    'http://',
  ])('refuses %s as an endpoint', (bad) => {
    const said = complaint(`forward: { endpoint: "${bad}" }`);
    expect(said).toContain('throughline.yaml:1:12: forward.endpoint: expected an address such as');
  });

  it('refuses headers that cannot be sent or are not for the operator to say, and repeats no secret', () => {
    const withHeader = (header: string): string =>
      complaint(`forward: { endpoint: "${endpoint}", headers: { ${header} } }`);
    expect(withHeader('Content-Type: text/plain')).toContain(
      'content-type follows from what is sent',
    );
    const broken = withHeader('authorization: "hush\\nhush"');
    expect(broken).toContain('"authorization" is no HTTP header');
    expect(broken).not.toContain('hush');
  });

  it('names the key that was probably meant', () => {
    expect(complaint(`forward: { endpont: "${endpoint}" }`)).toContain('did you mean "endpoint"?');
  });
});
