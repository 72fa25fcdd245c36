import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp, type AppOptions } from '../support/instrumented-app.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import type { Program } from '../support/start-program.js';

let collector: OtlpReceiver;
const programs: Program[] = [];

beforeEach(async () => {
  collector = await startOtlpReceiver();
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop('SIGKILL');
  await collector.close();
});

function start(file: string, options: Partial<AppOptions> = {}): Program {
  const program = startApp(file, { collector: collector.url, ...options });
  programs.push(program);
  return program;
}

async function report(program: Program): Promise<unknown> {
  const [, text = ''] = await program.says(/^report (.*)$/m);
  return JSON.parse(text) as unknown;
}

describe('the API', () => {
  it('runs what it is given exactly once, whatever is handed over with it, and throws nothing of its own', async () => {
    const program = start('hostile.mjs');
    expect(await report(program)).toEqual({ isEach: true, answers: ['done'] });
    expect(await program.ended()).toBe(0);
  });

  it('puts on the spans what the app says of them', async () => {
    expect(await start('asides.mjs').ended()).toBe(0);
    const said = collector
      .spans()
      .map(({ name, attributes }) => [
        name,
        Object.fromEntries(
          Object.entries(attributes).filter(
            ([key]) => !/^messaging|key|workflow|payload/.test(key),
          ),
        ),
      ]);
    const schema = {
      'throughline.dead_letter.reason': 'schema',
      'throughline.dead_letter.source': 'orders',
    };
    const late = { ...schema, 'throughline.dead_letter.reason': 'late' };
    expect(said).toEqual([
      ['dead_letter orders', schema],
      ['process orders', schema],
      ['send orders.dead', { ...late, 'throughline.event.causation_id': 'm1' }],
      ['process orders', late],
      [
        'approve',
        {
          'throughline.step.name': 'approve',
          'throughline.step.kind': 'approval',
          'throughline.step.attempt': 2,
          'throughline.actor': 'hr',
          'throughline.expects': ['a', 'b'],
          'throughline.expects_by': 'payroll',
          'throughline.deadline_ms': 30,
        },
      ],
      [
        'compensate open account',
        {
          'throughline.step.name': 'compensate open account',
          'throughline.step.kind': 'compensation',
          'throughline.compensates': 'open account',
          'throughline.outcome': 'compensated',
        },
      ],
      [
        'onboarding',
        {
          'throughline.step.name': 'onboarding',
          'throughline.front_controller': true,
          'throughline.expects': ['account.ready'],
          'throughline.expects_by': 'it',
          'throughline.deadline_ms': 500,
        },
      ],
      ['finish', { 'throughline.step.name': 'finish', 'throughline.outcome': 'cancelled' }],
    ]);
  });

  it('only runs its functions in a process that is not instrumented', async () => {
    const program = start('plain.mjs', { load: 'none' });
    expect(await report(program)).toEqual(['workflow', 'step', 'send', 'take']);
    expect(await program.ended()).toBe(0);
    expect(collector.requests).toEqual([]);
  });

  it('does the same under OTEL_SDK_DISABLED', async () => {
    const program = start('plain.mjs', { env: { OTEL_SDK_DISABLED: 'true' } });
    expect(await report(program)).toEqual(['workflow', 'step', 'send', 'take']);
    expect(await program.ended()).toBe(0);
    expect(collector.requests).toEqual([]);
  });

  it.each(['import', 'require'] as const)(
    'shares one state between its ES module and its CommonJS copy, loaded with --%s',
    async (load) => {
      const program = start('two-copies.mjs', { load });
      await program.says(/copies two\nkey {"type":"order","value":"1"}/);
      expect(await program.ended()).toBe(0);
      const [inner, outer] = collector.spans();
      expect([inner?.name, outer?.name]).toEqual(['inner', 'checkout']);
      expect(inner?.parentSpanId).toBe(outer?.spanId);
      expect(inner?.attributes['throughline.key.order']).toBe('1');
    },
  );
});

it('an app with an SDK of its own keeps it: its provider gets everything, with keys and pending work', async () => {
  const program = start('own-sdk.mjs', {
    env: { THROUGHLINE_PENDING_AFTER_MS: '100', THROUGHLINE_PENDING_EVERY_MS: '60000' },
  });
  expect(await report(program)).toEqual({
    taken: [true, true, true],
    fields: ['traceparent', 'tracestate'],
    seen: [
      { name: 'ours', key: '9', pending: false, hasParent: true },
      { name: 'theirs', key: '9', pending: false, hasParent: true },
      { name: 'checkout', key: '9', pending: true, hasParent: false },
      { name: 'hangs', key: '9', pending: true, hasParent: true },
      { name: 'checkout', key: '9', pending: false, hasParent: false },
    ],
  });
  expect(await program.ended()).toBe(0);
  expect(collector.requests).toEqual([]);
});

it('an app with the official exporter keeps it: its spans arrive by it, once, with our keys', async () => {
  const program = start('stock-exporter.mjs');
  expect(await report(program)).toEqual({ isKept: true });
  expect(await program.ended()).toBe(0);
  const keys = collector.arrived.map(
    ({ name, attributes }) => `${name} ${String(attributes['throughline.key.order'])}`,
  );
  expect(keys.sort()).toEqual(['checkout 9', 'ours 9', 'theirs 9']);
  expect(collector.requests.map(({ headers }) => headers['user-agent'])).toEqual([
    expect.stringMatching(/^OTel-OTLP-Exporter-JavaScript/),
  ]);
});

it.each([
  ['before it', {}],
  ['after it', { NODE_OPTIONS: '--require ./official-setup.cjs' }],
])(
  'beside the official HTTP instrumentation, loaded %s, a request is still one CLIENT and one SERVER span',
  async (_, env) => {
    const program = start('beside-official.cjs', { load: 'require', env });
    expect(await report(program)).toEqual(['0', '1 under 2', '2 under 0']);
    expect(await program.ended()).toBe(0);
    expect(collector.requests).toEqual([]);
  },
);

it('an event emitter that is watched is a bus: emits are sent, listeners take, once and off still work', async () => {
  const program = start('bus.mjs');
  expect(await report(program)).toEqual({
    heard: ['early', 'once', 'early', 'reserve o5 5', 'reserve o6 -'],
    listeners: 2,
  });
  expect(await program.ended()).toBe(0);
  const taken = collector
    .spans()
    .filter(({ attributes }) => attributes['messaging.operation.type'] === 'process')
    .map(({ attributes, parentSpanId }) => {
      const sent = collector.spans().find(({ spanId }) => spanId === parentSpanId);
      return [
        `${String(sent?.attributes['throughline.event.type'])} →`,
        attributes['messaging.destination.subscription.name'],
        attributes['throughline.key.order'],
      ].join(' ');
    });
  expect(taken.sort()).toEqual([
    'order.placed → early ',
    'order.placed → early 5',
    'order.placed → once 5',
    'order.placed → reserve ',
    'order.placed → reserve 5',
  ]);
  const reserved = collector.spans().filter(({ name }) => name === 'send orders-bus');
  expect(reserved.map(({ attributes }) => attributes['throughline.event.type']).sort()).toEqual([
    'order.placed',
    'order.placed',
    'stock.reserved',
    'stock.reserved',
  ]);
});
