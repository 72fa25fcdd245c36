import { describe, expect, it } from 'vitest';
import { msFromNs } from '@throughline/model/time';
import { manualClock } from '../../../test/support/manual-clock.js';
import { Heartbeat } from './heartbeat.js';

const EVERY_MS = 60_000;

/** An evaluation each second, as the collector does it; what is broken is said from outside. */
function scene() {
  const clock = manualClock();
  const startMs = msFromNs(clock.now());
  const broken = { evaluation: false, store: false, receiver: false };
  const sentAtS: number[] = [];
  const refuse = (isBroken: boolean): Promise<void> =>
    isBroken ? Promise.reject(new Error('no')) : Promise.resolve();
  const heartbeat = new Heartbeat({
    to: 'watchdog',
    everyMs: EVERY_MS,
    prove: () => refuse(broken.store),
    send: async (now) => {
      await refuse(broken.receiver);
      sentAtS.push((msFromNs(now) - startMs) / 1_000);
    },
  });
  return {
    broken,
    sentAtS,
    heartbeat,
    async pass(seconds: number, isEvaluated = true) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000);
        if (isEvaluated) await heartbeat.evaluated(clock.now(), !broken.evaluation);
      }
    },
  };
}

describe('the dead man’s switch', () => {
  it('beats at fixed instants, one period apart, beginning with the first evaluation', async () => {
    const { heartbeat, sentAtS, pass } = scene();
    expect(heartbeat.state().state).toBe('waiting');
    await pass(182);
    expect(sentAtS).toEqual([1, 61, 121, 181]);
    expect(heartbeat.state()).toMatchObject({ state: 'ok', sent: 4, failed: 0, withheld: 0 });
  });

  it('is silent while nothing is evaluated, makes up for nothing, and stays in step', async () => {
    const { sentAtS, pass } = scene();
    await pass(61);
    await pass(300, false);
    await pass(62);
    // Evaluated again in second 362: one beat at once, the next at the instant that was fixed.
    expect(sentAtS).toEqual([1, 61, 362, 421]);
  });

  it('is withheld while an evaluation fails, and while the store cannot be written', async () => {
    const { heartbeat, broken, sentAtS, pass } = scene();
    await pass(1);
    broken.evaluation = true;
    await pass(60);
    expect(heartbeat.state()).toMatchObject({
      state: 'withheld',
      lastError: 'None was sent, since evaluation fails',
    });
    broken.evaluation = false;
    broken.store = true;
    await pass(60);
    expect(heartbeat.state()).toMatchObject({
      state: 'withheld',
      withheld: 2,
      lastError: 'None was sent, since the store cannot be written',
    });
    broken.store = false;
    await pass(60);
    expect(sentAtS).toEqual([1, 181]);
    expect(heartbeat.state()).toMatchObject({ state: 'ok', lastError: null });
  });

  it('that is not taken is not repeated, and says so', async () => {
    const { heartbeat, broken, sentAtS, pass } = scene();
    broken.receiver = true;
    await pass(60);
    expect(heartbeat.state()).toMatchObject({ state: 'failing', failed: 1, lastError: 'no' });
    broken.receiver = false;
    await pass(60);
    expect(sentAtS).toEqual([61]);
  });
});
