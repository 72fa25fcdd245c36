import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock.js';

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is to happen in more than 24 days happens then, and not at once', () => {
  const act = vi.fn();
  systemClock.after(60 * DAY_MS, act);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(act).toHaveBeenCalledOnce();
});

test('what is to happen every 30 days does, until it is stopped', () => {
  const tick = vi.fn();
  const stop = systemClock.every(30 * DAY_MS, tick);
  vi.advanceTimersByTime(61 * DAY_MS);
  expect(tick).toHaveBeenCalledTimes(2);
  stop();
  vi.advanceTimersByTime(61 * DAY_MS);
  expect(tick).toHaveBeenCalledTimes(2);
});
