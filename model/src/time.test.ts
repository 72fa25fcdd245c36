import { expect, test } from 'vitest';
import { formatInstant, parseInstant } from './time.js';

test.each([
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ['2024-02-29t23:59:59.123456789z', '2024-02-29T23:59:59.123456789Z'],
  ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000Z'],
])('%s is an instant', (text, shown) => {
  const at = parseInstant(text);
  expect(at === undefined ? null : formatInstant(at)).toBe(shown);
});

test.each([
  ['a day that the month does not have', '2026-02-30T00:00:00Z'],
  ['a leap day of another year', '2026-02-29T00:00:00Z'],
  ['a month that the year does not have', '2026-13-01T00:00:00Z'],
  ['an hour that the day does not have', '2026-01-31T24:00:00Z'],
  ['a zone that the world does not have', '2026-01-31T12:00:00+25:00'],
  ['a day without a time', '2026-01-31'],
  ['a time without a zone', '2026-01-31T12:00:00'],
])('%s is no instant', (_what, text) => {
  expect(parseInstant(text)).toBeUndefined();
});
