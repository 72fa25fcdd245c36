// Uses the API without ever being instrumented.
import { flush, send, step, take, workflow } from '@throughline/instrumentation';

const parts = [
  workflow('w', { key: { a: '1' } }, () => 'workflow'),
  await step('s', () => Promise.resolve('step')),
  send({ system: 'x', destination: 'd' }, () => 'send'),
  take({ system: 'x', destination: 'd' }, () => 'take'),
];
await flush();
console.log(`report ${JSON.stringify(parts)}`);
