import { describe, expect, it } from 'vitest';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { NoDataWatch, type Heard, type Watched } from './no-data-watch.js';

const START = 1_767_603_600_000_000_000n;
const PAYMENT: Watched = { kind: 'service', name: 'payment', forMs: 600_000 };

function at(seconds: number): UnixNs {
  return (START + nsFromMs(seconds * 1_000)) as UnixNs;
}

function watchOf(heard: { now: Heard | undefined }, toldSince?: UnixNs, watched = PAYMENT) {
  return new NoDataWatch({
    watched: [watched],
    heard: () => heard.now,
    ownerOf: () => 'payments',
    toldSince: () => toldSince,
  });
}

describe('what is watched for silence', () => {
  it('is told when nothing new has come for as long as was said, and no more when something does', () => {
    const heard = { now: { count: 1, lastAtNs: at(-5) } };
    const watch = watchOf(heard);
    expect(watch.causes(at(0))).toEqual([]);
    expect(watch.causes(at(599))).toEqual([]);
    const [cause] = watch.causes(at(600));
    expect(cause).toMatchObject({
      rule: 'no-data',
      severity: 'critical',
      openedAtNs: at(600),
      owner: 'payments',
      subject: { kind: 'service', id: 'service:payment', label: 'payment' },
      sentence: 'payment has sent no span for 10 min: whether all is well there is not known.',
    });
    expect(watch.causes(at(900))[0]?.id).toBe(cause?.id);
    heard.now = { count: 2, lastAtNs: at(900) };
    expect(watch.causes(at(901))).toEqual([]);
    expect(watch.states(at(901))[0]).toMatchObject({ state: 'ok', silentSinceNs: at(901) });
  });

  it('is not silent while it sends, however wrong its clock is', () => {
    for (const skewS of [-7_200, 7_200]) {
      const heard = { now: { count: 0, lastAtNs: at(skewS) } };
      const watch = watchOf(heard);
      for (let second = 0; second <= 1_800; second += 300) {
        heard.now = { count: second + 1, lastAtNs: at(second + skewS) };
        expect(watch.causes(at(second))).toEqual([]);
      }
      expect(watch.causes(at(2_399))).toEqual([]);
      expect(watch.causes(at(2_400))).toHaveLength(1);
    }
  });

  it('that never sent anything is told, too: its name may be wrong', () => {
    const watch = watchOf({ now: undefined });
    watch.causes(at(0));
    const [cause] = watch.causes(at(600));
    expect(cause?.evidence).toContainEqual({ text: 'newest span', value: 'never any' });
  });

  it('is given its time after a restart: while the collector was down nobody could send', () => {
    const watch = watchOf({ now: { count: 9, lastAtNs: at(-86_400) } });
    expect(watch.causes(at(0))).toEqual([]);
    expect(watch.causes(at(599))).toEqual([]);
    expect(watch.causes(at(600))).toHaveLength(1);
  });

  it('that was told as silent before a restart is so until something comes', () => {
    const heard = { now: { count: 9, lastAtNs: at(-86_400) } };
    const watch = watchOf(heard, at(-3_600));
    expect(watch.causes(at(0))).toHaveLength(1);
    heard.now = { count: 10, lastAtNs: at(-80_000) };
    expect(watch.causes(at(1))).toEqual([]);
  });

  it('does not take what retention removes for something new', () => {
    const heard = { now: { count: 9, lastAtNs: at(-10) } };
    const watch = watchOf(heard);
    watch.causes(at(0));
    heard.now = { count: 3, lastAtNs: at(-10) };
    watch.causes(at(300));
    expect(watch.causes(at(600))).toHaveLength(1);
  });
});
