// One step that never ends, beside one that does; kept alive by a timer of its own.
import { step, workflow } from '@throughline/instrumentation';

const [, , liveMs = '60000'] = process.argv;
void workflow('intake', { key: { candidate: 'c1' } }, async () => {
  step('parse', () => undefined);
  await step('score', () => new Promise(() => undefined));
});
setTimeout(() => undefined, Number(liveMs));
console.log('hangs');
