import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstUnreadKey, KafkaAges, type AskOffsets } from './kafka-ages.js';

const NOW_MS = 1_800_000_000_000;
const YEAR_MS = 365 * 86_400_000;

/** A partition as Kafka answers for it: offsets from `start` on, one record per time, oldest first. */
function partition(timesMs: readonly number[], start = 0): AskOffsets & { asked: number } {
  const ask = (questions: Parameters<AskOffsets>[0]) => {
    ask.asked += 1;
    return Promise.resolve(
      questions.map(({ timestamp }) => {
        const index = timesMs.findIndex((timeMs) => BigInt(timeMs) >= timestamp);
        const timeMs = timesMs[index];
        return timeMs === undefined
          ? { offset: -1n, timestamp: -1n }
          : { offset: BigInt(start + index), timestamp: BigInt(timeMs) };
      }),
    );
  };
  ask.asked = 0;
  return ask;
}

const first = (offset: number, number = 0) => ({
  topic: 'orders',
  partition: number,
  offset: BigInt(offset),
});

async function ageOf(timesMs: readonly number[], offset: number, start = 0) {
  const record = first(offset);
  const found = await new KafkaAges().find([record], partition(timesMs, start), NOW_MS);
  return found.get(firstUnreadKey(record));
}

describe('the age of a record that nobody read', () => {
  it('is found to the second, wherever it lies, however records are spread', async () => {
    const times = fc
      .array(fc.integer({ min: 0, max: YEAR_MS }), { minLength: 1, maxLength: 50 })
      .map((agesMs) => agesMs.map((ageMs) => NOW_MS - ageMs).sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(times, fc.nat(), fc.nat({ max: 1_000 }), async (timesMs, nth, start) => {
        const index = nth % timesMs.length;
        const age = await ageOf(timesMs, start + index, start);
        expect(age?.isExact).toBe(true);
        expect(Math.abs((age?.atMs ?? 0) - (timesMs[index] ?? 0))).toBeLessThanOrEqual(1_000);
      }),
    );
  });

  it('is that of the oldest record where the one that was meant is deleted', async () => {
    expect(await ageOf([NOW_MS - 5_000, NOW_MS], 3, 7)).toMatchObject({
      atMs: NOW_MS - 5_000,
      isExact: true,
    });
  });

  it('is that of the record before it for a marker of a transaction, which is none itself', async () => {
    const timesMs = [NOW_MS - 90_000, NOW_MS - 60_000];
    const marked: AskOffsets = async (questions) =>
      (await partition(timesMs)(questions)).map((answer) =>
        answer?.offset === 1n ? { ...answer, offset: 2n } : answer,
      );
    const found = await new KafkaAges().find([first(1)], marked, NOW_MS);
    expect(found.get(firstUnreadKey(first(1)))).toMatchObject({ atMs: NOW_MS - 90_000 });
  });

  it('is never in the future, whatever producers write', async () => {
    expect(await ageOf([NOW_MS + 60_000], 0)).toMatchObject({ atMs: NOW_MS, isExact: true });
  });

  it('is unknown where records carry no time, or nobody leads the partition', async () => {
    expect(await ageOf([], 0)).toBeUndefined();
    const found = await new KafkaAges().find([first(0)], () => Promise.resolve([null]), NOW_MS);
    expect(found.size).toBe(0);
  });

  it('costs no question once it is known, and is forgotten once the record is read', async () => {
    const ask = partition([NOW_MS - 90_000, NOW_MS - 60_000, NOW_MS - 30_000]);
    const ages = new KafkaAges();
    await ages.find([first(1)], ask, NOW_MS);
    const { asked } = ask;
    expect(asked).toBeGreaterThan(0);
    await ages.find([first(1)], ask, NOW_MS + 10_000);
    expect(ask.asked).toBe(asked);
    await ages.find([first(2)], ask, NOW_MS + 10_000);
    expect(ask.asked).toBeGreaterThan(asked);
  });

  it('is searched for a bounded number at a time, the rest at a later look', async () => {
    const ages = new KafkaAges();
    const many = Array.from({ length: 1_500 }, (_, number) => first(0, number));
    const ask = partition([NOW_MS - 60_000]);
    expect((await ages.find(many, ask, NOW_MS)).size).toBe(1_000);
    expect((await ages.find(many, ask, NOW_MS)).size).toBe(1_500);
  });
});
