import { describe, expect, it } from 'vitest';
import { nearestWord } from './nearest-word.js';

const KNOWN = ['retention', 'sqlite', 'status', 'workflow'];

describe('the word that was probably meant', () => {
  it.each([
    ['retenton', 'retention'],
    ['statuz', 'status'],
    ['STATUS', 'status'],
    ['wrokflow', 'workflow'],
  ])('behind %s is %s', (word, meant) => {
    expect(nearestWord(word, KNOWN)).toBe(meant);
  });

  it('is none when nothing is near, or nothing is known', () => {
    expect(nearestWord('colour', KNOWN)).toBeUndefined();
    expect(nearestWord('status', [])).toBeUndefined();
  });
});
