import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.js';
import { Admission } from './admission.js';

const MIB = 1024 * 1024;

/** Whether a turn has come: what has settled is known after a round of the loop. */
async function hasCome(turn: Promise<void>): Promise<boolean> {
  let came = false;
  void turn.then(() => (came = true));
  await new Promise((resolve) => setImmediate(resolve));
  return came;
}

describe('the admission of bodies', () => {
  it('lets a sender that is alone take everything, and put all of it into the line', async () => {
    const admission = new Admission(8 * MIB);
    const bodies = [1, 2, 3, 4].map(() => admission.reserve(2 * MIB, 'a'));
    for (const body of bodies) {
      body.add(2 * MIB);
      expect(await hasCome(body.turn(2 * MIB))).toBe(true);
    }
    expect(() => admission.reserve(1, 'a')).toThrow(/must wait/);
    for (const body of bodies) body.release();
    expect(admission.inFlightBytes).toBe(0);
  });

  it('keeps half for others while they are there, and gives it back when they have gone', () => {
    let nowMs = 0;
    const admission = new Admission(8 * MIB, () => nowMs);
    admission.reserve(0, 'b').release();
    const flood = admission.reserve(0, 'a');
    flood.add(4 * MIB);
    expect(() => flood.add(1)).toThrow(/must wait/);
    const other = admission.reserve(4 * MIB, 'b');
    other.add(4 * MIB);
    other.release();
    nowMs += 1_001;
    flood.add(4 * MIB);
    flood.release();
    expect(admission.inFlightBytes).toBe(0);
  });

  it('lets the bodies of one wait for their turn, and those of another not', async () => {
    const admission = new Admission();
    const normal = admission.reserve(0, 'b');
    const bodies = [0, 1, 2].map(() => admission.reserve(0, 'a'));
    const turns = bodies.map((body) => body.turn(LIMITS.inLineBytesMax));
    expect(await Promise.all(turns.map(hasCome))).toEqual([true, false, false]);
    expect(await hasCome(normal.turn(10))).toBe(true);
    bodies[0]?.release();
    expect(await Promise.all(turns.map(hasCome))).toEqual([true, true, false]);
    bodies[1]?.release();
    expect(await Promise.all(turns.map(hasCome))).toEqual([true, true, true]);
  });
});
