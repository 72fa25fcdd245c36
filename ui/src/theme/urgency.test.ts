import { describe, expect, it } from 'vitest';
import { needsSomebody } from './urgency.js';

describe('what needs somebody', () => {
  it.each([
    ['critical', true],
    ['warning', true],
    ['info', false],
  ] as const)('a finding that is %s: %s', (severity, isNeeded) => {
    expect(needsSomebody({ severity })).toBe(isNeeded);
  });
});
