import { readdirSync, readFileSync } from 'node:fs';

/** Of the clock that /proc counts in; Linux has told programs 100 on every machine since 2.6. */
const TICKS_PER_S = 100;

/** Of what follows the name in /proc/<pid>/stat: user and system time, and both of the children that have ended. */
const OWN = [11, 12] as const;
const ENDED = [13, 14] as const;

/** User and system seconds of a process so far, all its threads and child processes, ended threads too. */
export function cpuSeconds(pid: number): number {
  return secondsOf(pid, OWN);
}

/** The same with what child processes used that have ended since. */
export function cpuSecondsWithEnded(pid: number): number {
  return secondsOf(pid, [...OWN, ...ENDED]);
}

function secondsOf(pid: number, fields: readonly number[]): number {
  const own = ticksOf(pid, fields) / TICKS_PER_S;
  return childrenOf(pid).reduce((sum, child) => sum + secondsOf(child, fields), own);
}

function ticksOf(pid: number, wanted: readonly number[]): number {
  const text = read(`/proc/${String(pid)}/stat`);
  // The name of the program stands in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return wanted.reduce((sum, at) => sum + Number(fields[at] ?? 0), 0);
}

function childrenOf(pid: number): readonly number[] {
  const folder = `/proc/${String(pid)}/task`;
  return threadsIn(folder).flatMap((thread) =>
    read(`${folder}/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
}

function threadsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Bytes of memory that the process has, and that it had at most. */
export function memoryOf(pid: number): { readonly rss: number; readonly peak: number } {
  const status = read(`/proc/${String(pid)}/status`);
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { rss: kib('VmRSS') * 1_024, peak: kib('VmHWM') * 1_024 };
}

/** Empty when the process has ended, or may not be looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
