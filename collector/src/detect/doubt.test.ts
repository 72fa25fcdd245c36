import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { describe, expect, it } from 'vitest';
import { believed } from './doubt.js';
import type { Entry } from './entry.js';

/** Runs in a row, one each second: `.` reacted, `x` did not, `!` is at it. */
function judged(runs: string, lossShare: number, faintShare = 1): string {
  const kept: bigint[] = [];
  const absent: Entry[] = [];
  [...runs].forEach((run, second) => {
    const openedAtNs = nsFromMs(second * 1_000) as UnixNs;
    if (run === '.') kept.push(openedAtNs);
    else absent.push(entry(second, openedAtNs, run === '!'));
  });
  const record = {
    keptCount: kept.length,
    faintCount: faintShare * kept.length,
    keptBetween: (from: bigint, to: bigint) => kept.filter((at) => at > from && at <= to).length,
  };
  const said = believed(absent, record, lossShare).map(({ pledge }) => pledge.openedAtNs);
  return [...runs]
    .map((_, second) => (said.includes(nsFromMs(second * 1_000) as UnixNs) ? '^' : ' '))
    .join('');
}

function entry(run: number, openedAtNs: UnixNs, isAtIt: boolean): Entry {
  const act = isAtIt ? { isPending: true, isError: false } : null;
  const still = { act, pending: [], waits: [], opening: null, held: [] };
  return { runId: String(run), pledge: { openedAtNs }, still } as unknown as Entry;
}

const PASSED = '.'.repeat(200);

describe('a reaction that one span shows is absent', () => {
  it('and believed to be where no span gets lost', () => {
    expect(judged(`${PASSED}x..x`, 0).trimStart()).toBe('^  ^');
  });

  it('and not believed to be where every hundredth span gets lost', () => {
    expect(judged(`${PASSED}x..x`, 0.01).trim()).toBe('');
  });

  it('and believed to be in three runs in a row', () => {
    expect(judged(`${PASSED}x..xxx..x`, 0.01).trim()).toBe('^^^');
  });

  it('and believed to be where more are absent than rare losses explain', () => {
    expect(judged(`${PASSED}x.x.x.x`, 0.001).trimStart()).toBe('^ ^ ^ ^');
    expect(judged(`${PASSED}x..`, 0.001).trim()).toBe('');
  });

  it('and believed to be where its handler is seen at work', () => {
    expect(judged(`${PASSED}x..!`, 0.01).trim()).toBe('^');
  });

  it('and believed to be where other spans show it, too, as a rule', () => {
    expect(judged(`${PASSED}x`, 0.01, 0).trim()).toBe('^');
  });

  it('and never believed to be where nine of ten spans are not sent', () => {
    expect(judged(`..${'x'.repeat(20)}`, 0.9).trim()).toBe('');
  });
});
