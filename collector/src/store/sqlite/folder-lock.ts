import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { Fault } from '../../errors.js';
import type { Sqlite } from './load-sqlite.js';
import { codeOf, messageOf, troubleOf } from './sqlite-fault.js';

/** Milliseconds that a second collector waits for the first to let go: one that is just ending may still do so. */
const PATIENCE_MS = 500;

/**
 * Takes the data folder for this process. The lock is a file lock that the operating system holds for the
 * process, so that it is gone when the process is, however it ended: nothing stale to clean up after `kill -9`.
 *
 * @returns a function that gives the folder back.
 * @throws Fault STORE_IN_USE naming the holder's process id; STORE_UNAVAILABLE when the folder takes no lock.
 */
export function lockFolder(Database: Sqlite, folder: string): () => void {
  const holderFile = join(folder, 'lock.pid');
  const lock = openLocked(Database, folder, holderFile);
  writeFileSync(holderFile, `${process.pid}\n`);
  return () => {
    rmSync(holderFile, { force: true });
    lock.close();
  };
}

function openLocked(Database: Sqlite, folder: string, holderFile: string): BetterSqlite3.Database {
  const path = join(folder, 'lock.db');
  try {
    try {
      return locked(Database, path);
    } catch (error) {
      if (troubleOf(error) !== 'damaged') throw error;
      // Nothing is kept in it. Emptied and not replaced: two that start at once must lock the same file.
      truncateSync(path);
      return locked(Database, path);
    }
  } catch (cause) {
    if (codeOf(cause).startsWith('SQLITE_BUSY')) {
      throw new Fault('STORE_IN_USE', `${folder} is in use by ${holder(holderFile)}.`, { cause });
    }
    const message =
      `${path} cannot be locked: ${messageOf(cause)}. It holds no data: ` +
      'let this user write it, or delete it; or choose another folder with --data.';
    throw new Fault('STORE_UNAVAILABLE', message, { cause });
  }
}

function locked(Database: Sqlite, path: string): BetterSqlite3.Database {
  const lock = new Database(path, { timeout: PATIENCE_MS });
  try {
    return lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
}

function holder(file: string): string {
  try {
    return `the collector with process id ${readFileSync(file, 'utf8').trim()}`;
  } catch {
    return 'another collector';
  }
}
