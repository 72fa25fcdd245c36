import { existsSync, readdirSync, rmSync } from 'node:fs';
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

/** @throws Fault STORE_UNAVAILABLE */
export async function openArchives(
  folder: string,
  onWarning: (text: string) => void,
): Promise<Archives> {
  return new ArchiveFolder(await loadSqlite(), { folder, onWarning });
}

/** An archive that is thrown away when it is closed. */
export async function archiveInMemory(): Promise<RunArchive> {
  const Database = await loadSqlite();
  return new SqliteRunArchive(new ArchiveFile(made(new Database(':memory:'), 'in-memory')));
}

class ArchiveFolder implements Archives {
  readonly #Database: Sqlite;
  readonly #folder: string;
  readonly #warn: (text: string) => void;
  readonly #numbers = new Map<RunArchive, number>();
  readonly #files = new Map<RunArchive, ArchiveFile>();
  #lastNumber = 0;

  constructor(
    database: Sqlite,
    { folder, onWarning }: { readonly folder: string; readonly onWarning: (text: string) => void },
  ) {
    this.#Database = database;
    this.#folder = folder;
    this.#warn = onWarning;
  }

  begin(fingerprint: string): RunArchive {
    this.#lastNumber = Math.max(this.#lastNumber, ...this.#numbersThere()) + 1;
    const db = connected(this.#Database, this.#path(this.#lastNumber));
    return this.#opened(made(db, fingerprint), this.#lastNumber);
  }

  reopen(fingerprint: string): RunArchive | undefined {
    let found: RunArchive | undefined;
    for (const number of this.#numbersThere().sort((a, b) => b - a)) {
      const archive = found === undefined ? this.#reopened(number, fingerprint) : undefined;
      if (archive === undefined) this.#remove(number);
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
    this.#remove(number);
  }

  close(): void {
    for (const archive of this.#numbers.keys()) archive.close();
    this.#numbers.clear();
    this.#files.clear();
  }

  #reopened(number: number, fingerprint: string): RunArchive | undefined {
    let db: BetterSqlite3.Database | null = null;
    try {
      db = connected(this.#Database, this.#path(number));
      const file = new ArchiveFile(db);
      const isSame = file.meta('version') === VERSION && file.meta('fingerprint') === fingerprint;
      if (isSame && file.meta('kept') === 'true') return this.#opened(db, number);
    } catch (error) {
      this.#warn(
        `${this.#path(number)} cannot be read (${messageOf(error)}): it is made anew from the stored requests.`,
      );
    }
    db?.close();
    return undefined;
  }

  #opened(db: BetterSqlite3.Database, number: number): RunArchive {
    const file = new ArchiveFile(db);
    const archive = new SqliteRunArchive(file);
    this.#numbers.set(archive, number);
    this.#files.set(archive, file);
    return archive;
  }

  #numbersThere(): number[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).flatMap((name) => {
      const match = /^runs-(\d+)\.db$/.exec(name);
      return match === null ? [] : [Number(match[1])];
    });
  }

  #path(number: number): string {
    return join(this.#folder, `runs-${String(number)}.db`);
  }

  #remove(number: number): void {
    for (const end of ['', '-wal', '-shm']) rmSync(`${this.#path(number)}${end}`, { force: true });
  }
}

/** What a power cut takes from it is made anew from the facts, so nothing waits for the disk but a checkpoint. */
function connected(database: Sqlite, path: string): BetterSqlite3.Database {
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
