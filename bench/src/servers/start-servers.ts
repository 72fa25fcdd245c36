import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from './server-process.js';

const PROGRAM = fileURLToPath(new URL('../../../collector/dist/main.js', import.meta.url));
const NAIVE = fileURLToPath(new URL('./naive.js', import.meta.url));

/** The built collector on a folder, as `npm start` starts it. */
export function startCollector(folder: string, readyMs: number): Promise<ServerProcess> {
  const program = ['--max-semi-space-size=64', PROGRAM, 'serve'];
  return ServerProcess.start([...program, '--port', '0', '--data', folder], readyMs);
}

export function startNaive(folder: string): Promise<ServerProcess> {
  return ServerProcess.start([NAIVE, folder], 20_000);
}

/** A folder that is gone when `use` has ended. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bytes of all files in a folder, subfolders included. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
