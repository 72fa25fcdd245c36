import { beforeEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/support/manual-clock.js';
import { LIMITS } from '../limits.js';
import type { ForwardAnswer, ForwardRequest } from './forward-request.js';
import { Forwarder } from './forwarder.js';

const SENT: ForwardAnswer = { kind: 'sent' };
const REFUSED: ForwardAnswer = { kind: 'refused', why: 'the answer was 400' };
const later = (retryAfterMs: number | null = null): ForwardAnswer => ({
  kind: 'later',
  why: 'the answer was 503',
  retryAfterMs,
});

let clock: ReturnType<typeof manualClock>;
let tried: string[];
let said: string[];
let isCut: boolean;
/** What the next tries are answered with; the last one for all after it. */
let answers: (ForwardAnswer | Promise<ForwardAnswer>)[];
let forwarder: Forwarder;

beforeEach(() => {
  clock = manualClock();
  tried = [];
  said = [];
  answers = [SENT];
  isCut = false;
  forwarder = new Forwarder({
    clock,
    chance: () => 0.999,
    report: (sentence) => said.push(sentence),
    connection: {
      post: ({ bytes }) => {
        tried.push(Buffer.from(bytes).toString());
        const [answer = SENT] = answers.length > 1 ? answers.splice(0, 1) : answers;
        return Promise.resolve(answer);
      },
      close: () => (isCut = true),
    },
  });
});

function requestOf(text: string): ForwardRequest {
  return {
    path: '/v1/traces',
    contentType: 'application/json',
    contentEncoding: 'identity',
    bytes: Buffer.from(text),
  };
}

function keep(text: string, bytes = text.length) {
  return forwarder.keep(bytes, () => () => requestOf(text));
}

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** It always holds that everything that was offered is somewhere. */
function accounted(): number {
  const { sent, failed, dropped, waiting } = forwarder.counts();
  const sum = (counts: object): number =>
    (Object.values(counts) as number[]).reduce((a, b) => a + b, 0);
  return sent + sum(failed) + sum(dropped) + waiting;
}

describe('what is passed on', () => {
  test('waits until it is durable, and is forgotten when it never is', async () => {
    const first = keep('first');
    const second = keep('second');
    await settled();
    expect(tried).toEqual([]);
    expect(forwarder.counts()).toMatchObject({ waiting: 2, waitingBytes: 11 });
    second.pass();
    first.forget();
    await settled();
    expect(tried).toEqual(['second']);
    expect(forwarder.counts()).toMatchObject({ sent: 1, waiting: 0, waitingBytes: 0 });
  });

  test('is tried again later and later, and all wait together', async () => {
    answers = [later()];
    keep('a').pass();
    await settled();
    keep('b').pass();
    await settled();
    expect(tried).toEqual(['a']);
    const tries: number[] = [];
    for (let second = 1; second <= 64; second++) {
      const before = tried.length;
      clock.advance(1_000);
      await settled();
      if (tried.length > before) tries.push(second);
    }
    // 1 s, 2 s, 4 s, 8 s, 16 s, 30 s …: the beginnings of the pauses add up.
    expect(tries).toEqual([1, 3, 7, 15, 31, 61]);
    answers = [SENT];
    clock.advance(30_000);
    await settled();
    expect(forwarder.counts()).toMatchObject({ sent: 2, waiting: 0 });
    expect(said).toEqual([
      'Bodies wait to be passed on, and are tried again: the answer was 503',
      'Bodies are passed on again',
    ]);
  });

  test('waits as long as the endpoint asks for', async () => {
    answers = [later(20_000), SENT];
    keep('a').pass();
    await settled();
    clock.advance(19_000);
    await settled();
    expect(tried).toEqual(['a']);
    clock.advance(1_000);
    await settled();
    expect(tried).toEqual(['a', 'a']);
  });

  test('is given up after a while, and counted', async () => {
    answers = [later()];
    keep('a').pass();
    for (let ms = 0; ms <= LIMITS.forwardRetryMsMax + 60_000; ms += 5_000) {
      await settled();
      clock.advance(5_000);
    }
    expect(forwarder.counts()).toMatchObject({ failed: { 'gave-up': 1 }, waiting: 0 });
    expect(accounted()).toBe(1);
  });

  test('is not tried again when the endpoint refuses it, or when it cannot be made', async () => {
    answers = [REFUSED, SENT];
    keep('a').pass();
    const broken = forwarder.keep(1, () => () => {
      throw new Error('cannot be read');
    });
    broken.pass();
    keep('b').pass();
    await settled();
    expect(tried).toEqual(['a', 'b']);
    expect(forwarder.counts()).toMatchObject({ sent: 1, failed: { refused: 2 }, waiting: 0 });
  });

  test('has bounded room, in bytes and in number; what has none is dropped and counted', async () => {
    answers = [new Promise(() => undefined)];
    keep('large', LIMITS.forwardBytesMax - 10).pass();
    keep('fits', 10).pass();
    let isPrepared = false;
    forwarder.keep(1, () => ((isPrepared = true), () => requestOf('too much'))).pass();
    // Not even a copy is made of what there is no room for.
    expect(isPrepared).toBe(false);
    expect(forwarder.counts()).toMatchObject({ dropped: { 'no-room': 1 }, waiting: 2 });
    await settled();
    expect(tried).toEqual(['large', 'fits']);
  });

  test('goes a few at a time', async () => {
    answers = [new Promise(() => undefined)];
    for (let n = 0; n < 100; n++) keep(String(n)).pass();
    await settled();
    expect(tried).toEqual(['0', '1', '2', '3']);
    expect(LIMITS.forwardAtOnceMax).toBe(4);
  });
});

describe('ending', () => {
  test('sends what waits for a better moment, at once', async () => {
    answers = [later(), SENT];
    keep('a').pass();
    await settled();
    await forwarder.close();
    expect(tried).toEqual(['a', 'a']);
    expect(forwarder.counts()).toMatchObject({ sent: 1, waiting: 0 });
    keep('late').pass();
    expect(forwarder.counts()).toMatchObject({ dropped: { closing: 1 } });
  });

  test('tries once, and drops what is not taken then', async () => {
    answers = [later()];
    for (let n = 0; n < 10; n++) keep(String(n)).pass();
    await settled();
    await forwarder.close();
    expect(forwarder.counts()).toMatchObject({ dropped: { closing: 10 }, waiting: 0 });
    expect(accounted()).toBe(10);
  });

  test('cuts what takes too long', async () => {
    let cut: (answer: ForwardAnswer) => void = () => undefined;
    answers = [new Promise((resolve) => (cut = resolve))];
    for (let n = 0; n < 10; n++) keep(String(n)).pass();
    const closed = forwarder.close();
    await settled();
    clock.advance(LIMITS.forwardDrainMs);
    expect(isCut).toBe(true);
    cut(later());
    await closed;
    expect(forwarder.counts()).toMatchObject({ dropped: { closing: 10 }, waiting: 0 });
  });
});
