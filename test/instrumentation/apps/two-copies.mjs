// The ES module and the CommonJS copy of the package in one process.
import { createRequire } from 'node:module';
import * as first from '@throughline/instrumentation';

const second = createRequire(import.meta.url)('@throughline/instrumentation');
console.log(`copies ${first.step === second.step ? 'one' : 'two'}`);
first.workflow('checkout', { key: { order: '1' } }, () => {
  second.step('inner', () => console.log(`key ${JSON.stringify(second.currentKey())}`));
});
await second.flush();
