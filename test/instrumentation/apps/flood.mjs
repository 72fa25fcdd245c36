// More spans than the queue holds while the collector is away, and a few when it is back.
import { createInterface } from 'node:readline';
import { step } from '@throughline/instrumentation';

for (let i = 0; i < 500; i++) step(`early ${i}`, () => undefined);
console.log('flooded');
createInterface({ input: process.stdin });
setTimeout(() => undefined, 60_000);
