import type { Database, Statement } from 'better-sqlite3';
import type { FamilyPlace } from '../../run-archive.js';
import { NameFilter } from './name-filter.js';
import { hashFrom, hashOf, numberOf } from './name-hash.js';

/** A partition gets no more names beyond this many: its filter would say `maybe` too often. */
const NAMES_MAX = 4_000_000;

interface PartitionRow {
  readonly id: number;
  readonly firstBlock: number;
  readonly filter: Buffer | null;
}

interface Partition {
  readonly id: number;
  readonly firstBlock: number;
  readonly filter: NameFilter;
  readonly insert: Statement;
  readonly find: Statement<[number, number], FamilyPlace>;
  names: number;
}

/**
 * Where the families with a name lie. Names are random and there are ever more of them, so they lie in partitions of a
 * bounded size, each with a filter in memory: a look-up reads the partitions that have the name, and hardly any other.
 */
export class NamePartitions {
  readonly #db: Database;
  readonly #namesMax: number;
  /** The youngest first. */
  #partitions: Partition[];
  /** As they were before names were added last. */
  #before: Partition[];

  constructor(db: Database, namesMax = NAMES_MAX) {
    this.#db = db;
    this.#namesMax = namesMax;
    const rows = db
      .prepare<[], PartitionRow>(
        'SELECT id, first_block AS firstBlock, filter FROM name_partition ORDER BY id DESC',
      )
      .all();
    this.#partitions = rows.map((row, at) => this.#opened(row, at === 0));
    this.#before = this.#partitions;
  }

  mayHave(name: string): boolean {
    if (this.#partitions.length === 0) return false;
    const hash = hashOf(name);
    return this.#partitions.some(({ filter }) => filter.mayHave(hash));
  }

  /** The youngest first, at most so many; now and then one that has another name. */
  find(name: string, max: number): FamilyPlace[] {
    const hash = hashOf(name);
    const number = numberOf(hash);
    const places: FamilyPlace[] = [];
    for (const { filter, find } of this.#partitions) {
      if (places.length >= max) break;
      if (filter.mayHave(hash)) places.push(...find.all(number, max - places.length));
    }
    return places;
  }

  /** Within a transaction. */
  add(blockId: number, names: readonly (readonly [FamilyPlace, readonly string[]])[]): void {
    this.#before = this.#partitions;
    const partition = this.#withRoom(blockId);
    const rows = names.flatMap(([place, all]) =>
      all.map((name) => {
        const hash = hashOf(name);
        return { place, hash, number: numberOf(hash) };
      }),
    );
    // In the order of the table, so that neighbours are written together.
    rows.sort((a, b) => a.number - b.number);
    for (const { place, hash, number } of rows) {
      partition.insert.run(number, place);
      partition.filter.add(hash);
    }
    partition.names += rows.length;
  }

  /** The transaction in which names were added last has failed. */
  rollBack(): void {
    this.#partitions = this.#before;
  }

  /** Lets partitions go of which no block is left. */
  dropBefore(firstBlock: number): void {
    const [youngest, ...older] = this.#partitions;
    if (youngest === undefined) return;
    const kept = [youngest];
    let nextFirst = youngest.firstBlock;
    for (const partition of older) {
      if (nextFirst > firstBlock) kept.push(partition);
      else this.#drop(partition);
      nextFirst = partition.firstBlock;
    }
    this.#partitions = kept;
  }

  /** The filter of the youngest need not be made from its names at the next start. */
  save(): void {
    const [youngest] = this.#partitions;
    if (youngest !== undefined) this.#saveFilter(youngest);
  }

  #withRoom(blockId: number): Partition {
    const [youngest] = this.#partitions;
    if (youngest !== undefined && youngest.names < this.#namesMax) return youngest;
    if (youngest !== undefined) this.#saveFilter(youngest);
    const id = (youngest?.id ?? 0) + 1;
    this.#db.exec(
      `CREATE TABLE name_${id} (hash INTEGER NOT NULL, place INTEGER NOT NULL,
         PRIMARY KEY (hash, place)) STRICT, WITHOUT ROWID`,
    );
    this.#db.prepare('INSERT INTO name_partition VALUES (?, ?, NULL)').run(id, blockId);
    const partition = this.#prepared({ id, firstBlock: blockId }, new NameFilter());
    this.#partitions = [partition, ...this.#partitions];
    return partition;
  }

  #opened(row: PartitionRow, isYoungest: boolean): Partition {
    const saved = row.filter === null ? null : NameFilter.from(row.filter);
    const partition = this.#prepared(row, saved ?? new NameFilter());
    if (saved === null) {
      const hashes = this.#db.prepare<[], number>(`SELECT hash FROM name_${row.id}`).pluck();
      for (const hash of hashes.iterate()) partition.filter.add(hashFrom(hash));
    }
    if (!isYoungest) return partition;
    const count = this.#db.prepare<[], number>(`SELECT count(*) FROM name_${row.id}`).pluck();
    partition.names = count.get() ?? 0;
    // What is added from here on is not in the filter that was saved.
    this.#db.prepare('UPDATE name_partition SET filter = NULL WHERE id = ?').run(row.id);
    return partition;
  }

  #prepared({ id, firstBlock }: { id: number; firstBlock: number }, filter: NameFilter): Partition {
    return {
      id,
      firstBlock,
      filter,
      insert: this.#db.prepare(`INSERT OR IGNORE INTO name_${id} VALUES (?, ?)`),
      find: this.#db
        .prepare<[number, number], FamilyPlace>(
          `SELECT place FROM name_${id} WHERE hash = ? ORDER BY place DESC LIMIT ?`,
        )
        .pluck(),
      names: 0,
    };
  }

  #saveFilter({ id, filter }: Partition): void {
    this.#db.prepare('UPDATE name_partition SET filter = ? WHERE id = ?').run(filter.bytes, id);
  }

  #drop({ id }: Partition): void {
    this.#db.exec(`DROP TABLE name_${id}`);
    this.#db.prepare('DELETE FROM name_partition WHERE id = ?').run(id);
  }
}
