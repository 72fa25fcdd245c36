import { existsSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { Fault } from '../../errors.js';
import { BodyLookup, BodyReader } from './body-reader.js';
import { idBeforeNewest } from './id-before-newest.js';
import { loadSqlite } from './load-sqlite.js';
import { refuseUnknownSchema } from './migrate.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { messageOf, troubleOf } from './sqlite-fault.js';
import type { ReadBody, RecordRow } from './thread-messages.js';

/** Faults of the file that are listed; a badly damaged one has thousands. */
const FAULTS_MAX = 100;

/** The facts of a file, read only: of a store that may be in use, or of a backup. */
export class StoredFacts {
  readonly file: string;
  readonly #db: BetterSqlite3.Database;
  #lookup: BodyLookup | null = null;

  private constructor(file: string, db: BetterSqlite3.Database) {
    this.file = file;
    this.#db = db;
  }

  /** @throws Fault NO_STORE when the file is none, STORE_NEWER when it is one of a newer version. */
  static async open(file: string): Promise<StoredFacts> {
    const Database = await loadSqlite();
    if (!existsSync(file)) throw new Fault('NO_STORE', `There is no file ${file}.`);
    let db: BetterSqlite3.Database | null = null;
    try {
      db = new Database(file, { readonly: true, fileMustExist: true });
      const tables = db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .pluck()
        .all() as readonly string[];
      if (!tables.includes('body')) {
        throw new Fault('NO_STORE', `${file} is no store of Throughline.`);
      }
      refuseUnknownSchema(db, MIGRATIONS);
      return new StoredFacts(file, db);
    } catch (error) {
      db?.close();
      if (error instanceof Fault) throw error;
      const isNone = troubleOf(error) === 'damaged';
      const what = isNone ? 'is no store of Throughline, or its head is damaged' : 'cannot be read';
      throw new Fault('NO_STORE', `${file} ${what}: ${messageOf(error)}.`, {
        cause: error,
      });
    }
  }

  /** What SQLite finds wrong with the file, page by page; nothing when it is well. */
  integrity(): readonly string[] {
    try {
      const found = this.#db
        .prepare<[], string>(`PRAGMA integrity_check(${FAULTS_MAX})`)
        .pluck()
        .all();
      return found.length === 1 && found[0] === 'ok' ? [] : found;
    } catch (error) {
      if (troubleOf(error) !== 'damaged') throw error;
      return [messageOf(error)];
    }
  }

  get schema(): number {
    return this.#db.prepare('SELECT max(number) FROM migration').pluck().get() as number;
  }

  get bodyCount(): number {
    return this.#db.prepare('SELECT count(*) FROM body').pluck().get() as number;
  }

  /** In order of their ids. What cannot be read is told and left out. */
  *bodies(afterId: number, onDamage: (text: string) => void): Iterable<ReadBody> {
    const reader = new BodyReader(this.#db, { afterId, warn: onDamage });
    for (;;) {
      const { bodies, isLast } = reader.nextBatch();
      yield* bodies;
      if (isLast) return;
    }
  }

  /** As `FactStore` has it. */
  bodiesById(ids: readonly number[], onDamage: (text: string) => void): readonly ReadBody[] {
    this.#lookup ??= new BodyLookup(this.#db, onDamage);
    const lookup = this.#lookup;
    return ids.map((id) => lookup.get(id)).filter((body) => body !== null);
  }

  /** As `FactStore` has it. */
  idBeforeNewest(spanCountMax: number): number {
    return idBeforeNewest(this.#db, spanCountMax);
  }

  records(): readonly RecordRow[] {
    return this.#db
      .prepare<[], RecordRow>('SELECT book, key, value AS text FROM record ORDER BY book, key')
      .all();
  }

  /**
   * Copies the file as it is at this instant, whoever writes to it meanwhile.
   *
   * @param onShare told from time to time, from 0 to 1.
   */
  async copyTo(path: string, onShare: (share: number) => void): Promise<void> {
    // The open read holds on to one state of the store. Without it, every commit of a collector that runs
    // would make the copy begin anew, and a busy one would never let it end.
    this.#db.exec('BEGIN');
    try {
      this.#db.prepare('SELECT count(*) FROM sqlite_master').get();
      await this.#db.backup(path, {
        progress: ({ totalPages, remainingPages }) => {
          onShare(totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
          return COPIED_PAGES;
        },
      });
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  close(): void {
    this.#db.close();
  }
}

/** 16 MiB at a stretch. */
const COPIED_PAGES = 1024;
