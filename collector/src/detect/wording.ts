import { msFromNs, type UnixNs } from '@throughline/model/time';

/** `1,240`. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 run`, `37 runs`. */
export function several(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

const UNITS = [
  { ms: 86_400_000, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
] as const;

/** Two figures are enough for a person: `12 ms`, `0.8 s`, `42 s`, `14 min`, `3 h`, `2 d`. */
export function durationText(ms: number): string {
  const length = Math.max(0, ms);
  if (length < 100) return `${Math.round(length)} ms`;
  if (length < 9_950) return `${Number((length / 1000).toFixed(1))} s`;
  if (length < 59_500) return `${Math.round(length / 1000)} s`;
  const unit = UNITS.find((each) => length >= each.ms * 0.99) ?? UNITS[2];
  const amount = length / unit.ms;
  return `${amount < 9.95 && unit.name !== 'min' ? Number(amount.toFixed(1)) : Math.round(amount)} ${unit.name}`;
}

export function agoText(sinceNs: UnixNs, now: UnixNs): string {
  return `${durationText(msFromNs(now - sinceNs))} ago`;
}

/** `for 14 min`. */
export function forText(sinceNs: UnixNs, now: UnixNs): string {
  return `for ${durationText(msFromNs(now - sinceNs))}`;
}

/** `inventory`, `inventory and mail`, `inventory, mail and 3 others`. */
export function listText(names: readonly string[], shownMax = 3): string {
  if (names.length <= 1) return names[0] ?? 'nobody';
  if (names.length > shownMax) {
    const others = names.length - shownMax + 1;
    return `${names.slice(0, shownMax - 1).join(', ')} and ${others} others`;
  }
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const TEXT_CHARS_MAX = 160;

/** Text from outside, on one line and of bounded length. */
export function quotedText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX)}…` : line;
}

/** A name from outside as one word of a POSIX shell command. */
export function shellWord(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}
