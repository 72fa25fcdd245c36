import { readdirSync, readFileSync } from 'node:fs';

/** Of the clock that /proc counts in; Linux has told programs 100 on every machine since 2.6. */
const TICKS_PER_S = 100;

/** User and system seconds of a process so far, all its threads and child processes, ended threads too. */
export function cpuSeconds(pid: number): number {
  const own = ticksOf(pid);
  return own / TICKS_PER_S + childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
}

function ticksOf(pid: number): number {
  const text = read(`/proc/${String(pid)}/stat`);
  // The name of the program stands in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
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

/** Bytes that the process had written to the disk so far. */
export function bytesWritten(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(read(`/proc/${String(pid)}/io`))?.[1] ?? 0);
}

/** Empty when the process has ended, or may not be looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
