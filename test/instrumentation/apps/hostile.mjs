// Everything an app could hand over by mistake. The functions must run, once each, and nothing may throw.
import * as api from '@throughline/instrumentation';

const thrower = new Proxy(
  {},
  {
    get: () => {
      throw new Error('get');
    },
    ownKeys: () => {
      throw new Error('keys');
    },
  },
);
const cyclic = {};
cyclic.self = cyclic;
const values = [
  undefined,
  null,
  0,
  1n,
  '',
  'x'.repeat(1e6),
  thrower,
  cyclic,
  Symbol('s'),
  [thrower],
  NaN,
  new Map(),
];
let expected = 0;
let ran = 0;
const work = () => {
  ran += 1;
  return 'done';
};
const answers = new Set();
for (const value of values) {
  const calls = [
    () => api.workflow(value, value ?? {}, work),
    () =>
      api.workflow(
        'w',
        { key: value, childOf: value, touches: value, version: value, attributes: value },
        work,
      ),
    () => api.step(value, value ?? {}, work),
    () =>
      api.step(
        's',
        {
          kind: value,
          attempt: value,
          expects: value,
          deadlineMs: value,
          actor: value,
          attributes: value,
        },
        work,
      ),
    () =>
      api.send(
        {
          system: value,
          destination: value,
          payload: value,
          headers: value,
          messageId: value,
          type: value,
        },
        work,
      ),
    () =>
      api.send(
        {
          system: 'http',
          destination: 'd',
          payload: value,
          headers: { a: value, traceparent: value },
        },
        work,
      ),
    () =>
      api.take(
        { system: value, destination: value, payload: value, headers: value, delivery: value },
        work,
      ),
    () =>
      api.take(
        {
          system: 'x',
          destination: 'd',
          headers: { traceparent: value, baggage: value, 'correlation-id': value },
        },
        work,
      ),
    () =>
      api.frontController(
        'f',
        { expects: value, withinMs: value, by: value, key: { a: value } },
        work,
      ),
    () => api.compensate(value, work),
    () => api.deadLetter(value, { system: value, destination: value }, work),
  ];
  for (const call of calls) {
    expected += 1;
    answers.add(call());
  }
  api.expect(value, value);
  api.finish(value);
  api.skip(value);
  api.actor(value);
  api.deadLetter(value);
  api.watchEmitter(value, value);
  api.start(value);
  try {
    api.step('throws', () => {
      throw value;
    });
    answers.add('swallowed');
  } catch (error) {
    if (error !== value && !Number.isNaN(error)) answers.add('changed');
  }
}
await api.flush();
console.log(`report ${JSON.stringify({ isEach: expected === ran, answers: [...answers] })}`);
