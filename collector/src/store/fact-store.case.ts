import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import type { ReceivedBody } from '../wire.js';
import type { FactStore, StoredBody } from './fact-store.js';

/** A store that can be closed and opened again on what it kept. */
export interface StoreUnderTest {
  readonly store: FactStore;
  reopen(): Promise<FactStore>;
}

const START = 1_767_225_600_123_456_789n;

export function received(
  content: string | Uint8Array,
  options: Partial<ReceivedBody> = {},
): ReceivedBody {
  const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    format: 'otlp-json',
    contentEncoding: 'identity',
    receivedAtNs: START as UnixNs,
    spanCount: 1,
    ...options,
    body,
  };
}

export async function everyBody(store: FactStore, afterId = 0): Promise<StoredBody[]> {
  const bodies: StoredBody[] = [];
  for await (const body of store.read(afterId)) bodies.push(body);
  return bodies;
}

const bodyOptions = fc.record({
  format: fc.constantFrom(
    'otlp-protobuf' as const,
    'otlp-json' as const,
    'zipkin-json' as const,
    'cloudevent' as const,
    'cloudevents-batch' as const,
  ),
  contentEncoding: fc.constantFrom('identity' as const, 'gzip' as const),
  receivedAtNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((ns) => ns as UnixNs),
  spanCount: fc.nat(),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    // Long and repetitive, so that an uncompressed one is worth compressing.
    fc.nat(20_000).map((length) => new Uint8Array(length).map((_, at) => at % 7)),
  ),
});

/** What every FactStore must do. `open` gives a new, empty one; the caller cleans up. */
export function factStoreCases(open: () => Promise<StoreUnderTest>): void {
  describe('bodies', () => {
    it('come back byte for byte, in order, with all that was said about them', async () => {
      const { store, reopen } = await open();
      const sent: ReceivedBody[] = [];
      await fc.assert(
        fc.asyncProperty(fc.array(bodyOptions, { maxLength: 20 }), async (bodies) => {
          sent.push(...bodies.map((each) => ({ ...each, body: each.body.slice() })));
          await Promise.all(bodies.map((each) => store.append(each)));
        }),
        { numRuns: 25 },
      );
      const read = await everyBody(store);
      expect(read.map(({ id: _, ...rest }) => rest)).toEqual(sent);
      expect(await everyBody(await reopen())).toEqual(read);
    });

    it('get growing ids in the order of the calls, and reading goes on after any of them', async () => {
      const { store } = await open();
      const calls = Array.from({ length: 200 }, (_, at) => store.append(received(`body ${at}`)));
      const ids = await Promise.all(calls);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(new Set(ids).size).toBe(200);
      const rest = await everyBody(store, ids[149]);
      expect(rest.map(({ body }) => new TextDecoder().decode(body))).toEqual(
        Array.from({ length: 50 }, (_, at) => `body ${at + 150}`),
      );
    });

    it('keep a compressed body as it came', async () => {
      const { store } = await open();
      const body = gzipSync('x'.repeat(100_000));
      const kept = Uint8Array.from(body);
      await store.append(received(body, { contentEncoding: 'gzip', format: 'otlp-protobuf' }));
      const [read] = await everyBody(store);
      expect(read).toMatchObject({ contentEncoding: 'gzip', format: 'otlp-protobuf' });
      expect(read?.body).toEqual(kept);
    });

    it('that are a part of a larger buffer leave the rest of it alone', async () => {
      const { store } = await open();
      const pool = new Uint8Array(1_000).fill(7);
      await store.append(received(pool.subarray(100, 200)));
      expect(pool).toEqual(new Uint8Array(1_000).fill(7));
      expect((await everyBody(store))[0]?.body).toEqual(new Uint8Array(100).fill(7));
    });

    it('can be read while others are written, and a reader may leave early', async () => {
      const { store } = await open();
      for (let at = 0; at < 300; at += 1) void store.append(received(randomBytes(30_000)));
      await store.append(received('the last of the first'));
      let seen = 0;
      for await (const { body } of store.read(0)) {
        await store.append(received('another'));
        expect(body.byteLength).toBeGreaterThan(0);
        seen += 1;
        if (seen === 20) break;
      }
      expect(store.state().bodies).toBe(321);
    });

    it('beyond the bound in flight are refused with a code that makes senders try again', async () => {
      const { store } = await open();
      const size = LIMITS.bodyBytesMax;
      const fitting = Math.floor(LIMITS.inFlightBytesMax / size);
      const accepted = Array.from({ length: fitting }, () =>
        store.append(received(new Uint8Array(size))),
      );
      await expect(store.append(received(new Uint8Array(size)))).rejects.toMatchObject({
        code: 'OVERLOADED',
        status: 429,
        retryAfterS: 1,
      });
      expect(store.state().inFlightBytes).toBe(fitting * size);
      await Promise.all(accepted);
      expect(store.state()).toMatchObject({ inFlightBytes: 0, bodies: fitting });
      await store.append(received('now there is room'));
    });
  });

  describe('retention', () => {
    const before = (beforeNs: bigint) => ({ beforeNs, bytesMax: null, shareMax: 1 });

    it('takes what was received before the instant, and never gives a number twice', async () => {
      const { store, reopen } = await open();
      const at = (second: bigint): UnixNs => (START + second * 1_000_000_000n) as UnixNs;
      for (let second = 0n; second < 100n; second += 1n) {
        await store.append(received(`second ${second}`, { receivedAtNs: at(second) }));
      }
      expect(await store.drop(before(at(60n)))).toBe(60);
      expect(await store.drop(before(at(60n)))).toBe(0);
      expect(store.state()).toMatchObject({ bodies: 40, oldestReceivedAtNs: at(60n) });
      const [oldest] = await everyBody(store);
      expect(new TextDecoder().decode(oldest?.body)).toBe('second 60');
      expect(await store.drop(before(at(1_000n)))).toBe(40);
      expect(store.state()).toMatchObject({ bodies: 0, oldestReceivedAtNs: null });
      expect(await (await reopen()).append(received('after'))).toBeGreaterThan(100);
    });
  });

  describe('a hold', () => {
    const everything = { beforeNs: START + 1_000_000_000_000n, bytesMax: null, shareMax: 1 };
    const idsOf = async (store: FactStore) => (await everyBody(store)).map(({ id }) => id);

    it('keeps its bodies from retention by age and by size, over a restart, until it is lifted', async () => {
      const { store, reopen } = await open();
      for (let at = 0n; at < 10n; at += 1n) {
        const receivedAtNs = (START + at) as UnixNs;
        await store.append(received(randomBytes(10_000), { receivedAtNs }));
      }
      await store.putRecord('hold', 'h_1', { bodies: [1, 3] });
      await store.putRecord('hold', 'h_2', { bodies: [3, 6] });
      expect(store.state().oldestBodyId).toBe(2);
      expect(await store.drop({ ...everything, beforeNs: START + 4n })).toBe(2);
      expect(await idsOf(store)).toEqual([1, 3, 5, 6, 7, 8, 9, 10]);
      expect(store.state().oldestBodyId).toBe(5);
      const reopened = await reopen();
      expect(await reopened.drop({ beforeNs: null, bytesMax: 0, shareMax: 1 })).toBe(5);
      expect(await idsOf(reopened)).toEqual([1, 3, 6]);
      expect(reopened.state()).toMatchObject({ bodies: 3, oldestBodyId: null });
      await reopened.deleteRecord('hold', 'h_1');
      expect(await reopened.drop(everything)).toBe(1);
      expect(await idsOf(reopened)).toEqual([3, 6]);
      await reopened.deleteRecord('hold', 'h_2');
      expect(await reopened.drop(everything)).toBe(2);
    });
  });

  describe('records', () => {
    it('survive, the last value of each key, instants included', async () => {
      const { store, reopen } = await open();
      await store.putRecord('finding', 'f_1', { state: 'open', openedAtNs: START, runIds: ['r'] });
      await store.putRecord('finding', 'f_1', { state: 'closed', openedAtNs: START, note: null });
      await store.putRecord('finding', 'f_2', { state: 'open' });
      await store.putRecord('tally', 'f_1', 17);
      await store.deleteRecord('finding', 'f_2');
      await store.deleteRecord('finding', 'never there');
      const expected = new Map([['f_1', { state: 'closed', openedAtNs: START, note: null }]]);
      expect(store.records('finding')).toEqual(expected);
      const again = await reopen();
      expect(again.records('finding')).toEqual(expected);
      expect(again.records('tally')).toEqual(new Map([['f_1', 17]]));
    });
  });

  describe('closing', () => {
    it('commits what was accepted, refuses what comes later, and may be asked for twice', async () => {
      const { store, reopen } = await open();
      const accepted = Array.from({ length: 100 }, (_, at) => store.append(received(`body ${at}`)));
      await Promise.all([store.close(), store.close()]);
      expect(await Promise.all(accepted)).toHaveLength(100);
      await expect(store.append(received('too late'))).rejects.toMatchObject({
        code: 'SHUTTING_DOWN',
        status: 503,
      });
      expect(await everyBody(await reopen())).toHaveLength(100);
    });
  });
}
