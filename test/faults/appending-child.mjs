// Appends to a store in a process of its own, with the built collector, until somebody ends it.
// Says `ready`, then `acked <number> <id>` for each body once its append has settled. A refusal that asks for
// another try gets one, after `refused <number> <code>`.
import { setTimeout as pause } from 'node:timers/promises';
import { openFactStore } from '../../collector/dist/store/sqlite/open.js';
import { systemClock } from '../../collector/dist/clock.js';

const [folder = '', first = '0', inFlight = '16'] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

/** A body that says its own number, of a size that follows from it: from a hundred bytes to half a megabyte. */
function bodyOf(number) {
  return Buffer.from(`${number}:${'span '.repeat(20 + ((number * 7919) % 997) ** 1.6)}`);
}

try {
  const onWarning = (text) => say(`warning ${text}`);
  const store = await openFactStore({ folder, clock: systemClock, onWarning });
  say('ready');
  let next = Number(first);
  const append = async (number) => {
    try {
      const id = await store.append({
        format: 'otlp-json',
        contentEncoding: number % 2 === 0 ? 'identity' : 'gzip',
        receivedAtNs: systemClock.now(),
        spanCount: 1,
        body: bodyOf(number),
      });
      say(`acked ${number} ${id}`);
    } catch (error) {
      if (error.status !== 503) throw error;
      say(`refused ${number} ${error.code}`);
      await pause(20);
      await append(number);
    }
  };
  const appendOn = async () => {
    for (;;) await append(next++);
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, appendOn));
} catch (error) {
  say(`fault ${error.code} ${error.message}`);
  process.exitCode = 1;
}
