import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';

export function instantOrNull(at: UnixNs | null): string | null {
  return at === null ? null : formatInstant(at);
}

/** Milliseconds since an instant; never negative, for a sender's clock may be ahead of ours. */
export function ageMs(since: UnixNs, now: UnixNs): number {
  return Math.max(0, msFromNs(now - since));
}

export function latest(a: UnixNs | null, b: UnixNs | null): UnixNs | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

export function earliest(a: UnixNs | null, b: UnixNs | null): UnixNs | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** `820 ms`, `14 min`, `2 h 5 min`, `3 d 4 h`: short enough for a sentence. */
export function durationWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
