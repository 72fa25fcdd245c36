import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnixNs } from '@throughline/model/time';
import { manualClock, type ManualClock } from '../../../../test/support/manual-clock.js';
import { until } from '../../../../test/support/until.js';
import type { FactStore } from '../fact-store.js';
import { everyBody, factStoreCases, received } from '../fact-store.case.js';
import { openFactStore } from './open.js';
import type { Retention } from './retention.js';

let folder: string;
let clock: ManualClock;
let warnings: string[];
let opened: FactStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-store-'));
  clock = manualClock();
  warnings = [];
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  rmSync(folder, { recursive: true });
});

async function open(retention?: Retention): Promise<FactStore> {
  const store = await openFactStore({
    folder,
    clock,
    onWarning: (text) => warnings.push(text),
    ...(retention === undefined ? {} : { retention }),
  });
  opened.push(store);
  return store;
}

factStoreCases(async () => {
  const store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return open();
    },
  };
});

describe('a data folder', () => {
  it('with a damaged lock is opened and locked all the same: nothing is kept in it', async () => {
    writeFileSync(join(folder, 'lock.db'), randomBytes(4_096));
    const store = await open();
    await store.append(received('written'));
    await expect(open()).rejects.toMatchObject({ code: 'STORE_IN_USE' });
  });

  it('whose lock is damaged while it is open stays locked', async () => {
    await open();
    // In place, and without closing a handle: this process would lose its own lock with that.
    const file = openSync(join(folder, 'lock.db'), 'r+');
    try {
      writeSync(file, randomBytes(4_096));
      await expect(open()).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    } finally {
      closeSync(file);
    }
  });

  it('that cannot be locked is refused with the file that stands in the way', async () => {
    mkdirSync(join(folder, 'lock.db'));
    await expect(open()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`${join(folder, 'lock.db')} cannot be locked`),
    });
  });

  it('is made with the folders above it', async () => {
    const deep = join(folder, 'a', 'b', 'c');
    opened.push(await openFactStore({ folder: deep, clock, onWarning: () => undefined }));
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  });

  it.runIf(existsSync('/proc/self'))('that nobody can make is refused at once', async () => {
    await expect(
      openFactStore({ folder: '/proc/nope/data', clock, onWarning: () => undefined }),
    ).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'The data folder /proc/nope/data cannot be made: choose another one with --data.',
    });
  });

  it('that is a file, or lies below one, is refused', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const taken of [file, join(file, 'data')]) {
      await expect(
        openFactStore({ folder: taken, clock, onWarning: () => undefined }),
      ).rejects.toMatchObject({ message: expect.stringContaining('cannot be made') });
    }
  });

  it('that is open cannot be opened again, and the refusal names the holder', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({
      code: 'STORE_IN_USE',
      message: expect.stringContaining(`process id ${process.pid}`),
    });
    await store.append(received('the first one is unharmed'));
    await store.close();
    expect(await everyBody(await open())).toHaveLength(1);
  });

  it('that cannot be made is refused with what to do', async () => {
    const file = join(folder, 'a-file');
    closeSync(openSync(file, 'w'));
    const attempt = openFactStore({
      folder: join(file, 'data'),
      clock,
      onWarning: () => undefined,
    });
    await expect(attempt).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('--data'),
    });
  });

  it('keeps its files to its owner', async () => {
    await (await open()).append(received('private'));
    const facts = readdirSync(folder).filter((name) => name.startsWith('facts.db'));
    expect(facts).toContain('facts.db-wal');
    for (const name of facts) expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0);
  });
});

describe('a schema from a newer version', () => {
  it('is refused, and the file is left as it was', async () => {
    await (await open()).close();
    const db = new Database(join(folder, 'facts.db'));
    db.exec("INSERT INTO migration VALUES (99, 'from-the-future', 'abc', '2099-01-01T00:00:00Z')");
    db.close();
    await expect(open()).rejects.toMatchObject({
      code: 'STORE_NEWER',
      message: expect.stringContaining('from-the-future'),
    });
    // The folder was given back: another try meets the same refusal, not a lock.
    await expect(open()).rejects.toMatchObject({ code: 'STORE_NEWER' });
    expect(readdirSync(folder)).not.toContain('quarantine');
  });
});

describe('a damaged store', () => {
  function overwrite(at: number, bytes: Uint8Array): void {
    const file = openSync(join(folder, 'facts.db'), 'r+');
    writeSync(file, bytes, 0, bytes.length, at);
    closeSync(file);
  }

  async function filled(): Promise<void> {
    const store = await open();
    for (let at = 0; at < 20; at += 1) await store.append(received(randomBytes(50_000)));
    await store.close();
  }

  it('is moved aside whole, said so, and a new one begun', async () => {
    await filled();
    const bytes = statSync(join(folder, 'facts.db')).size;
    overwrite(0, randomBytes(64));
    const store = await open();
    expect(warnings).toEqual([expect.stringMatching(/is damaged .* moved to .*quarantine/)]);
    expect(await everyBody(store)).toEqual([]);
    await store.append(received('life goes on'));
    const [aside] = readdirSync(join(folder, 'quarantine'));
    expect(statSync(join(folder, 'quarantine', aside!, 'facts.db')).size).toBe(bytes);
    await store.close();
    warnings.length = 0;
    expect(await everyBody(await open())).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('is found when a page inside is overwritten', async () => {
    await filled();
    overwrite(16_384 * 3, new Uint8Array(16_384).fill(0xab));
    await open();
    expect(warnings).toEqual([expect.stringContaining('is damaged')]);
  });

  it('is found when the file is empty or gone', async () => {
    await filled();
    rmSync(join(folder, 'facts.db'));
    await open();
    expect(warnings).toEqual([expect.stringContaining('empty or gone')]);
  });

  it('never gives out a body whose bytes have changed', async () => {
    const store = await open();
    const content = randomBytes(100_000);
    const whole = Uint8Array.from(content);
    await store.append(received('before'));
    await store.append(received(content));
    await store.append(received('after'));
    await store.close();
    // A bit flipped within an overflow page leaves the structure of the file as it should be.
    const pages = Math.floor(statSync(join(folder, 'facts.db')).size / 16_384);
    const db = new Database(join(folder, 'facts.db'), { readonly: true });
    const where = db.serialize().indexOf(whole.subarray(50_000, 50_032));
    db.close();
    expect(where).toBeGreaterThan(0);
    expect(pages).toBeGreaterThan(5);
    overwrite(where, Uint8Array.of((whole[50_000] ?? 0) ^ 1));
    const read = await everyBody(await open());
    expect(read.map(({ id }) => id)).toEqual([1, 3]);
    await until('it is said', () => warnings.some((text) => text.includes('Body 2 is damaged')));
  });
});

describe('retention', () => {
  const HOUR = 3_600_000;

  it('by age takes what is too old, every minute', async () => {
    const store = await open({ ageMs: HOUR, bytesMax: null });
    const now = (): UnixNs => clock.now();
    await store.append(received('old', { receivedAtNs: now() }));
    clock.advance(HOUR - 30_000);
    await store.append(received('young', { receivedAtNs: now() }));
    expect(store.state().bodies).toBe(2);
    await until('the old one is gone', () => {
      clock.advance(60_000);
      return store.state().bodies === 1;
    });
    const [left] = await everyBody(store);
    expect(new TextDecoder().decode(left?.body)).toBe('young');
  });

  it('by size takes the oldest, no more than needed, and gives the space back', async () => {
    const bytesMax = 2_000_000;
    const store = await open({ ageMs: null, bytesMax });
    for (let at = 0; at < 100; at += 1) await store.append(received(randomBytes(50_000)));
    clock.advance(60_000);
    await until('the file has shrunk', () => store.state().bytesOnDisk < bytesMax * 1.5);
    const left = (await everyBody(store)).map(({ id }) => id);
    expect(left.at(-1)).toBe(100);
    expect(left.length).toBeGreaterThan(25);
    expect(left.length).toBeLessThan(40);
  });

  it('by size leaves room for what lies beside the facts', async () => {
    const store = await open({ ageMs: null, bytesMax: 4_000_000, besideBytes: () => 2_000_000 });
    for (let at = 0; at < 100; at += 1) await store.append(received(randomBytes(50_000)));
    clock.advance(60_000);
    await until('the file has shrunk', () => store.state().bytesOnDisk < 3_000_000);
    expect((await everyBody(store)).length).toBeLessThan(40);
  });

  it('takes at most a fifth in one round, so that a clock gone wrong cannot empty the store', async () => {
    const store = await open({ ageMs: HOUR, bytesMax: null });
    const receivedAtNs = clock.now();
    await Promise.all(
      Array.from({ length: 6_000 }, () => store.append(received('x', { receivedAtNs }))),
    );
    clock.advance(2 * HOUR);
    // The one round of these two hours began in its first minute, when nothing was old.
    await store.drop({ beforeNs: 0n, bytesMax: null, shareMax: 1 });
    clock.advance(60_000);
    await until('the first round is over', () => store.state().bodies < 6_000);
    await store.drop({ beforeNs: 0n, bytesMax: null, shareMax: 1 });
    expect(store.state().bodies).toBe(4_800);
  });
});
