// Fills a small disk with a store, and says what happens: run in a mount namespace of its own by disk-full.test.ts.
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openFactStore } from '../../collector/dist/store/sqlite/open.js';
import { systemClock } from '../../collector/dist/clock.js';

const [disk = ''] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);
const ballast = join(disk, 'ballast');
writeFileSync(ballast, randomBytes(16 * 1024 * 1024));

const store = await openFactStore({
  folder: join(disk, 'data'),
  clock: systemClock,
  onWarning: (text) => say(`warning ${text}`),
});
const acked = new Set();

async function append() {
  const body = randomBytes(200_000);
  const like = { format: 'otlp-protobuf', contentEncoding: 'gzip', spanCount: 1 };
  acked.add(await store.append({ ...like, receivedAtNs: systemClock.now(), body }));
}

async function fill() {
  for (;;) {
    try {
      await append();
    } catch (error) {
      say(`refused ${error.code} ${error.status} ${error.retryAfterS}`);
      return;
    }
  }
}

async function whenWritable() {
  while (!store.state().isWritable) await pause(50);
  await append();
  say('writable');
}

async function missing() {
  const found = new Set();
  for await (const { id } of store.read(0)) found.add(id);
  return [...acked].filter((id) => !found.has(id)).length;
}

await fill();
say(`reason ${store.state().reason}`);
say(`missing ${await missing()}`);
await store.putRecord('finding', 'f', { says: 'the disk is full' });
rmSync(ballast);
await whenWritable();
await fill();
say(`missing ${await missing()}`);
const dropped = await store.dropBefore(systemClock.now());
say(`dropped ${dropped === acked.size ? 'all' : dropped}`);
acked.clear();
await whenWritable();
for (let count = 0; count < 20; count += 1) await append();
say(`missing ${await missing()}`);
await store.close();
say('closed');
