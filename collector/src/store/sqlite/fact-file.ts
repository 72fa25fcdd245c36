import { statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import { unreachable } from '@throughline/model/invariant';
import { packBody } from './body-encoding.js';
import { HeldBodies } from './held-bodies.js';
import { idBeforeNewest } from './id-before-newest.js';
import { troubleOf } from './sqlite-fault.js';
import type { RecordRow, WriteRequest } from './thread-messages.js';

/** One slice of a deletion: small enough that appends hardly wait behind it, and that its journal stays small. */
const SLICE_BODIES_MAX = 64;
const SLICE_BYTES_MAX = 256 * 1024 * 1024;

interface BodySize {
  readonly id: number;
  readonly bytes: number;
}

/** The writing connection to `facts.db`: every statement that changes it, and the figures about it. */
export class FactFile {
  readonly #db: Database;
  readonly #insertBody: Statement;
  readonly #putRecord: Statement;
  readonly #deleteRecord: Statement;
  readonly #deleteBody: Statement;
  readonly #oldestBefore: Statement<[bigint], BodySize>;
  readonly #oldest: Statement<[], BodySize>;
  readonly #oldestAt: Statement<[], bigint | null>;
  readonly #idsUp: Statement<[], number>;
  readonly #held: HeldBodies;
  #bodies: number;
  /** Undefined when it must be looked for: looking passes over everything that is held. */
  #oldestUnheldId: number | null | undefined = undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#insertBody = db.prepare(
      `INSERT INTO body
       (received_at, format, content_encoding, stored_encoding, span_count, checksum, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#putRecord = db.prepare(
      'INSERT OR REPLACE INTO record (book, key, value) VALUES (?, ?, ?)',
    );
    this.#deleteRecord = db.prepare('DELETE FROM record WHERE book = ? AND key = ?');
    this.#deleteBody = db.prepare('DELETE FROM body WHERE id = ?');
    this.#oldestBefore = db.prepare(
      `SELECT id, length(body) AS bytes FROM body
       WHERE received_at < ? ORDER BY received_at`,
    );
    this.#oldest = db.prepare('SELECT id, length(body) AS bytes FROM body ORDER BY id');
    this.#oldestAt = db
      .prepare<[], bigint | null>('SELECT min(received_at) FROM body')
      .pluck()
      .safeIntegers();
    this.#idsUp = db.prepare<[], number>('SELECT id FROM body ORDER BY id').pluck();
    this.#held = new HeldBodies(this.records());
    this.#bodies = db.prepare('SELECT count(*) FROM body').pluck().get() as number;
  }

  get bodies(): number {
    return this.#bodies;
  }

  get oldestReceivedAtNs(): bigint | null {
    return this.#oldestAt.get() ?? null;
  }

  /** Of those that no hold keeps. */
  get oldestBodyId(): number | null {
    this.#oldestUnheldId ??= this.#firstUnheldId();
    return this.#oldestUnheldId;
  }

  get bytesOnDisk(): number {
    const journal = statSync(`${this.#db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return this.#pages('page_count') * this.#pages('page_size') + journal;
  }

  /** Bytes that bodies and records need; free pages inside the file, which are used again, do not count. */
  get bytesUsed(): number {
    const used = this.#pages('page_count') - this.#pages('freelist_count');
    return used * this.#pages('page_size');
  }

  get freeShare(): number {
    return this.#pages('freelist_count') / this.#pages('page_count');
  }

  /**
   * All or nothing, in one transaction that survives a power cut once this returns.
   *
   * @returns the ids of appended bodies; 0 for records.
   */
  write(requests: readonly WriteRequest[]): number[] {
    const values = this.#db
      .transaction(() => requests.map((request) => this.#one(request)))
      .immediate();
    this.#bodies += requests.filter(({ ask }) => ask === 'append').length;
    return values;
  }

  /** Deletes one slice of the bodies received before the instant. @returns how many; 0 when none is left. */
  dropBefore(instantNs: bigint, countMax: number): number {
    return this.#drop(
      this.#slice(this.#oldestBefore.iterate(instantNs), countMax),
      SLICE_BYTES_MAX,
    );
  }

  /** Deletes one slice of the oldest bodies, not more than bring the use down to the bound. */
  dropToSize(bytesMax: number, countMax: number): number {
    const excess = this.bytesUsed - bytesMax;
    if (excess <= 0) return 0;
    const slice = this.#slice(this.#oldest.iterate(), countMax);
    return this.#drop(slice, Math.min(excess, SLICE_BYTES_MAX));
  }

  /** Gives free pages back to the file system. */
  shrink(pagesMax: number): void {
    this.#db.exec(`PRAGMA incremental_vacuum(${pagesMax})`);
  }

  idBeforeNewest(spanCountMax: number): number {
    return idBeforeNewest(this.#db, spanCountMax);
  }

  /**
   * Carries the journal over into the file and empties it. With no room for that everything stays as it is:
   * the journal is as durable as the file, and shrinking the file first may help.
   */
  checkpoint(): void {
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      if (troubleOf(error) !== 'full') throw error;
    }
  }

  /** A real, durable write that leaves everything as it is: it succeeds exactly when others would. */
  prove(): void {
    this.#db.transaction(() => this.#db.pragma('user_version = 1')).immediate();
  }

  records(): readonly RecordRow[] {
    return this.#db
      .prepare<[], RecordRow>('SELECT book, key, value AS text FROM record ORDER BY book, key')
      .all();
  }

  close(): void {
    this.#db.close();
  }

  #one(request: WriteRequest): number {
    switch (request.ask) {
      case 'append': {
        const { encoding, bytes } = packBody(request.body, request.contentEncoding);
        const { lastInsertRowid } = this.#insertBody.run(
          request.receivedAtNs,
          request.format,
          request.contentEncoding,
          encoding,
          request.spanCount,
          crc32(bytes),
          bytes,
        );
        return Number(lastInsertRowid);
      }
      case 'put':
        this.#putRecord.run(request.book, request.key, request.text);
        this.#recordChanged(request.book, request.key, request.text);
        return 0;
      case 'delete':
        this.#deleteRecord.run(request.book, request.key);
        this.#recordChanged(request.book, request.key, null);
        return 0;
      default:
        return unreachable(request);
    }
  }

  /** A hold that could not be written keeps its bodies all the same: too much is kept, never too little. */
  #recordChanged(book: string, key: string, text: string | null): void {
    if (book !== 'hold') return;
    this.#held.put(key, text);
    this.#oldestUnheldId = undefined;
  }

  #firstUnheldId(): number | null {
    for (const id of this.#idsUp.iterate()) if (!this.#held.has(id)) return id;
    return null;
  }

  /** The next bodies that may go. */
  #slice(oldestFirst: Iterable<BodySize>, countMax: number): readonly BodySize[] {
    const slice: BodySize[] = [];
    for (const body of oldestFirst) {
      if (slice.length >= Math.min(countMax, SLICE_BODIES_MAX)) break;
      if (!this.#held.has(body.id)) slice.push(body);
    }
    return slice;
  }

  /** Always deletes at least one body, however large, so that a deletion comes to its end. */
  #drop(candidates: readonly BodySize[], bytesMax: number): number {
    let bytes = 0;
    let count = 0;
    this.#db
      .transaction(() => {
        for (const body of candidates) {
          if (bytes >= bytesMax) break;
          this.#deleteBody.run(body.id);
          bytes += body.bytes;
          count += 1;
        }
      })
      .immediate();
    this.#bodies -= count;
    this.#oldestUnheldId = undefined;
    return count;
  }

  #pages(name: 'page_count' | 'page_size' | 'freelist_count'): number {
    return this.#db.pragma(name, { simple: true }) as number;
  }
}
