import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import { headFrom, headText, blockText, familiesOf } from '../../archive/block-text.js';
import { headOf, type BlockHead } from '../../archive/block.js';
import { instantOf } from '../../derived/page-cursor.js';
import type { RunSort } from '../../read-store.js';
import type { FamilyPlace, StoredFamily } from '../../run-archive.js';

const SORTS: readonly RunSort[] = ['lastActivityAt', 'startedAt', 'duration'];
/** The text grows small all the same, and the line waits while it does. */
const COMPRESSION_LEVEL = 1;

/**
 * `block` holds families that were laid down together; `sorted_…` the values of its runs in each order, 64 bits each.
 * `hidden` names families that are not to be shown: in memory (0), or gone (1). A partition's names lie in a table of
 * their own, `name_<id>`, so that no index grows with everything that was ever stored.
 */
export const ARCHIVE_SCHEMA = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  head TEXT NOT NULL,
  sorted_lastActivityAt BLOB NOT NULL,
  sorted_startedAt BLOB NOT NULL,
  sorted_duration BLOB NOT NULL,
  families BLOB NOT NULL
) STRICT;
CREATE TABLE hidden (place INTEGER PRIMARY KEY, is_gone INTEGER NOT NULL) STRICT;
CREATE TABLE name_partition (id INTEGER PRIMARY KEY, first_block INTEGER NOT NULL, filter BLOB) STRICT;
`;

/** The statements of an archive. */
export class ArchiveFile {
  readonly db: Database;
  readonly #insertBlock: Statement;
  readonly #deleteBlock: Statement;
  readonly #families: Statement<[number], Buffer>;
  readonly #values: Readonly<Record<RunSort, Statement<[number], Buffer>>>;
  readonly #putMeta: Statement;
  readonly #meta: Statement<[string], string>;
  readonly #hide: Statement;
  readonly #show: Statement;

  constructor(db: Database) {
    this.db = db;
    this.#insertBlock = db.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?)');
    this.#deleteBlock = db.prepare('DELETE FROM block WHERE id = ?');
    this.#families = db
      .prepare<[number], Buffer>('SELECT families FROM block WHERE id = ?')
      .pluck();
    const values = (sort: RunSort): Statement<[number], Buffer> =>
      db.prepare<[number], Buffer>(`SELECT sorted_${sort} FROM block WHERE id = ?`).pluck();
    this.#values = {
      lastActivityAt: values('lastActivityAt'),
      startedAt: values('startedAt'),
      duration: values('duration'),
    };
    this.#putMeta = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    this.#meta = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck();
    this.#hide = db.prepare('INSERT OR REPLACE INTO hidden VALUES (?, ?)');
    this.#show = db.prepare('DELETE FROM hidden WHERE place = ?');
  }

  meta(name: string): string | null {
    return this.#meta.get(name) ?? null;
  }

  putMeta(name: string, value: string): void {
    this.#putMeta.run(name, value);
  }

  heads(): BlockHead[] {
    const texts = this.db.prepare<[], string>('SELECT head FROM block ORDER BY id').pluck().all();
    return texts.map(headFrom);
  }

  hidden(): readonly { readonly place: FamilyPlace; readonly isGone: boolean }[] {
    const rows = this.db
      .prepare<[], { place: number; isGone: number }>(
        'SELECT place, is_gone AS isGone FROM hidden ORDER BY place',
      )
      .all();
    return rows.map(({ place, isGone }) => ({ place, isGone: isGone === 1 }));
  }

  hide(place: FamilyPlace, isGone: boolean): void {
    this.#hide.run(place, isGone ? 1 : 0);
  }

  show(place: FamilyPlace): void {
    this.#show.run(place);
  }

  insertBlock(id: number, families: readonly StoredFamily[]): BlockHead {
    const head = headOf(id, families);
    const runs = families.flatMap((family) => family.runs.map(({ summary }) => summary));
    const sorted = SORTS.map((sort) => {
      const values = BigInt64Array.from(runs, (run) => instantOf(run, sort)).sort();
      return new Uint8Array(values.buffer);
    });
    const packed = deflateRawSync(blockText(families), { level: COMPRESSION_LEVEL });
    this.#insertBlock.run(id, headText(head), ...sorted, packed);
    return head;
  }

  deleteBlock(id: number): void {
    this.#deleteBlock.run(id);
  }

  families(blockId: number): readonly StoredFamily[] {
    const packed = this.#families.get(blockId);
    return packed === undefined ? [] : familiesOf(inflateRawSync(packed).toString('utf8'));
  }

  values(blockId: number, sort: RunSort): BigInt64Array {
    const bytes = this.#values[sort].get(blockId);
    return bytes === undefined
      ? new BigInt64Array()
      : new BigInt64Array(new Uint8Array(bytes).buffer);
  }
}
