import { chmodSync, closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { Archives, RunArchive } from '../../run-archive.js';
import { loadSqlite, type Sqlite } from '../load-sqlite.js';
import { messageOf } from '../sqlite-fault.js';
import { ARCHIVE_SCHEMA, ArchiveFile } from './archive-file.js';
import { SqliteRunArchive } from './sqlite-run-archive.js';

/** Of the tables and of what lies in them: a file of another version is made anew. */
const VERSION = '1';
const JOURNAL_PAGES_MAX = 4_096;
const NO_THROW = { throwIfNoEntry: false } as const;

export interface ArchivesOptions {
  readonly folder: string;
  /** Of the facts from which the archives follow. */
  readonly identity: string;
  /** The newest body that is stored. */
  readonly newestBodyId: number;
  readonly onWarning: (text: string) => void;
}

/** @throws Fault STORE_UNAVAILABLE */
export async function openArchives(options: ArchivesOptions): Promise<Archives> {
  return new ArchiveFolder(await loadSqlite(), options);
}

/** The facts of the folder are others from now on. */
export function removeArchives(folder: string): void {
  for (const number of numbersIn(folder)) removeArchive(folder, number);
}

/** An archive that is thrown away when it is closed. */
export async function archiveInMemory(): Promise<RunArchive> {
  const Database = await loadSqlite();
  const file = new ArchiveFile(made(new Database(':memory:'), 'in-memory'));
  return new SqliteRunArchive(file, () => undefined);
}

class ArchiveFolder implements Archives {
  readonly #Database: Sqlite;
  readonly #options: ArchivesOptions;
  readonly #numbers = new Map<RunArchive, number>();
  readonly #files = new Map<RunArchive, ArchiveFile>();
  #lastNumber = 0;

  constructor(database: Sqlite, options: ArchivesOptions) {
    this.#Database = database;
    this.#options = options;
  }

  begin(fingerprint: string): RunArchive {
    const { folder, onWarning } = this.#options;
    this.#lastNumber = Math.max(this.#lastNumber, ...numbersIn(folder)) + 1;
    const path = pathOf(folder, this.#lastNumber);
    try {
      const db = connected(this.#Database, path);
      return this.#opened(made(db, this.#named(fingerprint)), this.#lastNumber);
    } catch (error) {
      removeArchive(folder, this.#lastNumber);
      onWarning(
        `${path} cannot be written (${messageOf(error)}): runs that leave memory stay in it.`,
      );
      return this.#opened(made(new this.#Database(':memory:'), ''), this.#lastNumber);
    }
  }

  reopen(fingerprint: string): RunArchive | undefined {
    let found: RunArchive | undefined;
    const { folder } = this.#options;
    for (const number of numbersIn(folder).sort((a, b) => b - a)) {
      const archive = found === undefined ? this.#reopened(number, fingerprint) : undefined;
      if (archive === undefined) removeArchive(folder, number);
      else found = archive;
    }
    return found;
  }

  keep(archive: RunArchive): void {
    this.#files.get(archive)?.putMeta('kept', 'true');
    for (const other of [...this.#numbers.keys()]) if (other !== archive) this.discard(other);
  }

  discard(archive: RunArchive): void {
    const number = this.#numbers.get(archive);
    if (number === undefined) return;
    archive.close();
    this.#numbers.delete(archive);
    this.#files.delete(archive);
    removeArchive(this.#options.folder, number);
  }

  get bytesOnDisk(): number {
    const { folder } = this.#options;
    const files = [...this.#numbers.values()].flatMap((number) => filesOf(folder, number));
    return files.reduce((sum, file) => sum + (statSync(file, NO_THROW)?.size ?? 0), 0);
  }

  close(): void {
    for (const archive of this.#numbers.keys()) archive.close();
    this.#numbers.clear();
    this.#files.clear();
  }

  #reopened(number: number, fingerprint: string): RunArchive | undefined {
    const { folder, newestBodyId, onWarning } = this.#options;
    const path = pathOf(folder, number);
    let db: BetterSqlite3.Database | null = null;
    try {
      db = connected(this.#Database, path);
      const file = new ArchiveFile(db);
      const isOurs =
        file.meta('version') === VERSION &&
        file.meta('fingerprint') === this.#named(fingerprint) &&
        file.meta('kept') === 'true';
      const archive = isOurs ? this.#opened(db, number) : undefined;
      const isSound = file.meta('damaged') === null;
      if (archive !== undefined && isSound && archive.lastBodyId <= newestBodyId) return archive;
      if (archive !== undefined) this.discard(archive);
    } catch (error) {
      const reason = messageOf(error);
      onWarning(`${path} cannot be read (${reason}): it is made anew from the stored requests.`);
    }
    db?.close();
    return undefined;
  }

  /** Only what is read of it shows that it is damaged: what else is in it is shown until the next start. */
  #damaged(file: ArchiveFile, number: number, error: unknown): void {
    const { folder, onWarning } = this.#options;
    try {
      file.putMeta('damaged', 'true');
    } catch {
      // It cannot even be written: the next start finds that out by itself.
    }
    onWarning(
      `${pathOf(folder, number)} is damaged (${messageOf(error)}): runs in it are missing from lists. ` +
        'The next start makes it anew from the stored requests.',
    );
  }

  #named(fingerprint: string): string {
    return `${this.#options.identity} ${fingerprint}`;
  }

  #opened(db: BetterSqlite3.Database, number: number): RunArchive {
    const file = new ArchiveFile(db);
    const archive = new SqliteRunArchive(file, (error) => this.#damaged(file, number, error));
    this.#numbers.set(archive, number);
    this.#files.set(archive, file);
    return archive;
  }
}

function numbersIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const match = /^runs-(\d+)\.db$/.exec(entry.name);
    return match === null || !entry.isFile() ? [] : [Number(match[1])];
  });
}

function pathOf(folder: string, number: number): string {
  return join(folder, `runs-${String(number)}.db`);
}

function filesOf(folder: string, number: number): string[] {
  return ['', '-wal', '-shm'].map((end) => pathOf(folder, number) + end);
}

function removeArchive(folder: string, number: number): void {
  for (const file of filesOf(folder, number)) rmSync(file, { force: true });
}

/** What a power cut takes from it is made anew from the facts, so nothing waits for the disk but a checkpoint. */
function connected(database: Sqlite, path: string): BetterSqlite3.Database {
  // SQLite gives its journal the rights of the file, so the file has them before it is opened.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const db = new database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma(`wal_autocheckpoint = ${String(JOURNAL_PAGES_MAX)}`);
  db.pragma('cache_size = -32768');
  return db;
}

function made(db: BetterSqlite3.Database, fingerprint: string): BetterSqlite3.Database {
  db.exec(ARCHIVE_SCHEMA);
  const put = db.prepare('INSERT INTO meta VALUES (?, ?)');
  put.run('version', VERSION);
  put.run('fingerprint', fingerprint);
  return db;
}
