import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '../../errors.js';
import { lockFolder } from './folder-lock.js';
import { removeArchives } from './archive/open-archive.js';
import { loadSqlite } from './load-sqlite.js';
import { makeFolder } from './make-folder.js';
import { damageMarkPath, factFilePath } from './open-fact-file.js';
import { codeOf, messageOf } from './sqlite-fault.js';
import { StoredFacts } from './stored-facts.js';

export interface BackupOptions {
  readonly folder: string;
  readonly to: string;
  /** A file that is there is replaced, once the new one is whole. */
  readonly isReplacing: boolean;
  readonly onShare: (share: number) => void;
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly bodies: number;
}

/**
 * Writes everything that is stored at this instant into one file, durably, while a collector may go on writing.
 * The file is whole or it is not there.
 *
 * @throws Fault WOULD_OVERWRITE, NO_STORE, NOT_WRITTEN
 */
export async function backUpStore(options: BackupOptions): Promise<BackupReport> {
  const to = resolve(options.to);
  if (!options.isReplacing) refuseExisting(to);
  const Database = await loadSqlite();
  const partial = `${to}.partial`;
  const facts = await StoredFacts.open(factFilePath(options.folder));
  try {
    makeFolder(dirname(to));
    for (const suffix of ['', '-journal', '-wal', '-shm'])
      rmSync(partial + suffix, { force: true });
    closeSync(openSync(partial, 'wx', 0o600));
    await facts.copyTo(partial, options.onShare);
    const copy = new Database(partial);
    // One file and no journal beside it, so that moving the file moves everything.
    copy.pragma('journal_mode = DELETE');
    const bodies = copy.prepare('SELECT count(*) FROM body').pluck().get() as number;
    copy.close();
    syncFile(partial);
    publish(partial, to, options.isReplacing);
    return { file: to, bytes: statSync(to).size, bodies };
  } catch (error) {
    rmSync(partial, { force: true });
    if (error instanceof Fault) throw error;
    const message = `The backup could not be written to ${to}: ${messageOf(error)}.`;
    throw new Fault('NOT_WRITTEN', message, { cause: error });
  } finally {
    facts.close();
  }
}

function publish(partial: string, to: string, isReplacing: boolean): void {
  if (isReplacing) renameSync(partial, to);
  else {
    try {
      // Unlike a rename, this fails when somebody made the file in the meantime.
      linkSync(partial, to);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') refuseExisting(to);
      throw error;
    }
    rmSync(partial);
  }
  syncFile(dirname(to));
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new Fault('WOULD_OVERWRITE', `${path} is there already.`);
}

export interface RestoreOptions {
  readonly file: string;
  readonly folder: string;
  /** RFC 3339; names the place to which a store that is there already is moved. */
  readonly restoredAt: string;
  readonly isReplacing: boolean;
}

export interface RestoreReport {
  readonly folder: string;
  readonly bodies: number;
  /** Where the store that was there is now; null when there was none. */
  readonly movedTo: string | null;
}

/**
 * Lays a backup into a data folder, durably. It is looked at first, page by page, and nothing is deleted: what the
 * folder held is moved aside.
 *
 * @throws Fault STORE_IN_USE, WOULD_OVERWRITE, STORE_NEWER, NO_STORE when the backup is damaged.
 */
export async function restoreStore(options: RestoreOptions): Promise<RestoreReport> {
  const folder = resolve(options.folder);
  const facts = await StoredFacts.open(resolve(options.file));
  const [fault] = facts.integrity();
  const bodies = fault === undefined ? facts.bodyCount : 0;
  facts.close();
  if (fault !== undefined) {
    throw new Fault('NO_STORE', `${facts.file} is damaged and was not restored: ${fault}.`);
  }
  makeFolder(folder);
  const unlock = lockFolder(await loadSqlite(), folder);
  try {
    const path = factFilePath(folder);
    const isThere = existsSync(path) && statSync(path).size > 0;
    if (isThere && !options.isReplacing) {
      throw new Fault('WOULD_OVERWRITE', `${folder} holds a store already.`);
    }
    const partial = `${path}.partial`;
    copyFileSync(facts.file, partial);
    syncFile(partial);
    const movedTo = isThere ? moveAside(folder, options.restoredAt) : null;
    // The journal of a store that is gone would be taken for one of the new.
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    rmSync(damageMarkPath(folder), { force: true });
    // What follows from the facts that were there follows from them no more.
    removeArchives(folder);
    renameSync(partial, path);
    syncFile(folder);
    return { folder, bodies, movedTo };
  } finally {
    unlock();
  }
}

function moveAside(folder: string, at: string): string {
  const aside = join(folder, 'replaced', at.replaceAll(':', '-'));
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const suffix of ['-wal', '-shm', '']) {
    const from = factFilePath(folder) + suffix;
    if (existsSync(from)) renameSync(from, join(aside, `facts.db${suffix}`));
  }
  return aside;
}

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
