/** What a process did to the files of a folder, in the order in which it did it. */
export type DiskOperation = {
  readonly file: string;
  /** Where the record begins in the trace. */
  readonly offset: number;
} & (
  | { readonly kind: 'write'; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly bytes: number }
  | { readonly kind: 'sync' }
);

const CALL = /^\d+ +(pwrite64|fsync|fdatasync|ftruncate)\(\d+<([^>]*)>(?:, (.*))?\) += (-?\d+)/;
const PWRITE = /^"((?:\\x[0-9a-f]{2})*)", \d+, (\d+)$/;

/**
 * Reads what `strace --follow-forks --decode-fds=path --strings-in-hex=all` wrote of a collector: the writes and syncs
 * of its one database and journal. The index of the journal is memory that SQLite makes anew.
 */
export function readTrace(trace: string, folder: string): DiskOperation[] {
  const operations: DiskOperation[] = [];
  const unfinished = new Map<string, { readonly text: string; readonly offset: number }>();
  let offset = 0;
  for (const line of trace.split('\n')) {
    const whole = joined(line, offset, unfinished);
    offset += line.length + 1;
    if (whole === null) continue;
    const [, call, path = '', rest = '', result] = CALL.exec(whole.text) ?? [];
    const [, file] =
      new RegExp(`/${folder}/(facts\\.db(?:-wal)?)$`).exec(bytesOf(path).toString()) ?? [];
    if (call === undefined || file === undefined || result === '-1') continue;
    const at = { file, offset: whole.offset };
    if (call === 'ftruncate') operations.push({ ...at, kind: 'truncate', bytes: Number(rest) });
    else if (call === 'pwrite64') {
      const [, hex = '', place] = PWRITE.exec(rest) ?? [];
      if (place === undefined) throw new Error(`strace wrote something else: ${rest.slice(-80)}`);
      operations.push({
        ...at,
        kind: 'write',
        at: Number(place),
        data: bytesOf(hex),
      });
    } else operations.push({ ...at, kind: 'sync' });
  }
  return operations;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** A call during which another thread made one too is told in two lines. A sync counts from its end, so does a write. */
function joined(
  line: string,
  offset: number,
  unfinished: Map<string, { readonly text: string; readonly offset: number }>,
): { readonly text: string; readonly offset: number } | null {
  const [thread = ''] = line.split(' ', 1);
  const begun = / <unfinished \.\.\.>$/.exec(line);
  if (begun) {
    unfinished.set(thread, { text: line.slice(0, begun.index), offset });
    return null;
  }
  const ended = /^\d+ +<\.\.\. \w+ resumed>/.exec(line);
  if (!ended) return { text: line, offset };
  const first = unfinished.get(thread);
  return first === undefined ? null : { text: first.text + line.slice(ended[0].length), offset };
}
