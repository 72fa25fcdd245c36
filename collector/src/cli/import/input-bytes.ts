import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';

export interface Input {
  /** As the user named it; `stdin` for `-`. */
  readonly name: string;
  /** Null where nobody knows before the end. */
  readonly bytesTotal: number | null;
  /** Bytes of the file that were read so far, as they lie on disk. */
  bytesRead(): number;
  /** Inflated if it was gzip, which its first bytes tell. @throws Error when that gzip is damaged. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Bytes that are read at once. What they inflate to is held, and deflate makes at most a thousand times less of it. */
const READ_BYTES = 64 * 1024;

/** @throws CliFault when there is no such file. */
export function openInput(file: string, io: CliIo): Input {
  const isStdin = file === '-';
  const path = resolve(io.cwd, file);
  const state = { bytesRead: 0 };
  const bytesTotal = isStdin ? null : sizeOf(path);
  const raw = isStdin ? io.readInput() : createReadStream(path, { highWaterMark: READ_BYTES });
  return {
    name: isStdin ? 'stdin' : file,
    bytesTotal,
    bytesRead: () => state.bytesRead,
    chunks: inflated(counted(raw, state)),
  };
}

function sizeOf(path: string): number {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) return stat.size;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliFault(EXIT.usage, `${path} cannot be read: ${why}`);
  }
  throw new CliFault(EXIT.usage, `${path} is a folder`, 'Name the files in it: folder/*.json');
}

async function* counted(
  raw: AsyncIterable<Uint8Array>,
  state: { bytesRead: number },
): AsyncIterable<Uint8Array> {
  for await (const chunk of raw) {
    state.bytesRead += chunk.length;
    yield chunk;
  }
}

async function* inflated(raw: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, all } = await peek(raw, 2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* all;
    return;
  }
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  const ready: Uint8Array[] = [];
  const state: { fault: Error | null } = { fault: null };
  // Listened to, and not iterated over: a stream that fails drops what it has inflated before.
  gunzip.on('data', (chunk: Uint8Array) => ready.push(chunk));
  gunzip.on('error', (fault) => (state.fault ??= fault));
  try {
    for await (const chunk of all) {
      for (let at = 0; at < chunk.length; at += READ_BYTES) {
        const part = chunk.subarray(at, at + READ_BYTES);
        await new Promise<void>((resolve) => gunzip.write(part, () => resolve()));
        yield* ready.splice(0);
        if (state.fault !== null) throw state.fault;
      }
    }
    await new Promise<void>((resolve) => gunzip.once('close', () => resolve()).end());
    yield* ready.splice(0);
    if (state.fault !== null) throw state.fault;
  } finally {
    gunzip.destroy();
  }
}

/**
 * Looks at the first bytes of what is still to be read whole. `head` is shorter only where there is no more; what
 * went wrong there is thrown behind them.
 */
export async function peek(
  chunks: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<{ readonly head: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  let fault: { readonly error: unknown } | null = null;
  try {
    while (length < bytes) {
      const next = await iterator.next();
      if (next.done === true) break;
      read.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    fault = { error };
  }
  const start = Buffer.concat(read);
  async function* all(): AsyncIterable<Uint8Array> {
    if (start.length > 0) yield start;
    if (fault !== null) throw fault.error;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { head: start.subarray(0, bytes), all: all() };
}
