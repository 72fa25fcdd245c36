import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../errors.js';
import type { Sqlite } from './load-sqlite.js';
import { codeOf } from './sqlite-fault.js';

/** Milliseconds that a second collector waits for the first to let go: one that is just ending may still do so. */
const PATIENCE_MS = 500;

/**
 * Takes the data folder for this process. The lock is a file lock that the operating system holds for the
 * process, so that it is gone when the process is, however it ended: nothing stale to clean up after `kill -9`.
 *
 * @returns a function that gives the folder back.
 * @throws Fault STORE_IN_USE naming the holder's process id.
 */
export function lockFolder(Database: Sqlite, folder: string): () => void {
  const holderFile = join(folder, 'lock.pid');
  const lock = new Database(join(folder, 'lock.db'), { timeout: PATIENCE_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
    throw new Fault('STORE_IN_USE', `${folder} is in use by ${holder(holderFile)}.`, {
      cause: error,
    });
  }
  writeFileSync(holderFile, `${process.pid}\n`);
  return () => {
    rmSync(holderFile, { force: true });
    lock.close();
  };
}

function holder(file: string): string {
  try {
    return `the collector with process id ${readFileSync(file, 'utf8').trim()}`;
  } catch {
    return 'another collector';
  }
}
