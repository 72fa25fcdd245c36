import { describe, expect, it } from 'vitest';
import { matchesGlob } from './glob.js';
import { countText, durationText, listText, quotedText, several, shellWord } from './wording.js';

describe('words for people', () => {
  it.each([
    [0.4, '0 ms'],
    [76.2, '76 ms'],
    [812, '0.8 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_900, '1 min'],
    [14 * 60_000, '14 min'],
    [59.8 * 60_000, '1 h'],
    [90 * 60_000, '1.5 h'],
    [26 * 3_600_000, '1.1 d'],
    [40 * 86_400_000, '40 d'],
    [-5, '0 ms'],
  ])('%d ms are %s', (ms, words) => {
    expect(durationText(ms)).toBe(words);
  });

  it('group thousands and agree with their number', () => {
    expect(countText(1_240)).toBe('1,240');
    expect(several(1, 'run')).toBe('1 run');
    expect(several(12_345_678, 'run')).toBe('12,345,678 runs');
    expect(listText(['a', 'b', 'c'])).toBe('a, b and c');
    expect(listText(['a', 'b', 'c', 'd'])).toBe('a, b and 2 others');
  });

  it('take hostile names for what they are', () => {
    expect(shellWord('orders.q')).toBe('orders.q');
    expect(shellWord("x'; rm -rf /; '")).toBe(String.raw`'x'\''; rm -rf /; '\'''`);
    expect(quotedText(`a\n\tb ${'x'.repeat(500)}`)).toMatch(/^a b x{156}…$/);
  });

  it('match globs by stars alone', () => {
    expect(matchesGlob('audit.*', 'audit.login')).toBe(true);
    expect(matchesGlob('audit.*', 'auditXlogin')).toBe(false);
    expect(matchesGlob('*', '')).toBe(true);
    expect(matchesGlob('a+b', 'a+b')).toBe(true);
  });
});
