import { crc32 } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import type { BodyFormat } from '../../wire.js';
import { unpackBody, type StoredEncoding } from './body-encoding.js';
import { troubleOf } from './sqlite-fault.js';
import type { ReadBody } from './thread-messages.js';
import { transferable } from './transferable.js';

/** One batch is one short read transaction: a long one would keep the journal from being emptied. */
const BATCH_BODIES_MAX = 64;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

const COLUMNS = `id, received_at AS receivedAtNs, format, content_encoding AS contentEncoding,
  stored_encoding AS storedEncoding, span_count AS spanCount, checksum, body`;

interface BodyRow {
  readonly id: bigint;
  readonly receivedAtNs: bigint;
  readonly format: BodyFormat;
  readonly contentEncoding: 'identity' | 'gzip';
  readonly storedEncoding: StoredEncoding;
  readonly spanCount: bigint;
  readonly checksum: bigint;
  readonly body: Buffer;
}

/** Reads bodies in order of their ids. A body that cannot be read is skipped and said so, never passed on. */
export class BodyReader {
  readonly #rows: Statement<[number], BodyRow>;
  readonly #newest: Statement<[], number | null>;
  readonly #warn: (text: string) => void;
  #afterId: number;

  constructor(db: Database, { afterId, warn }: { afterId: number; warn: (text: string) => void }) {
    this.#afterId = afterId;
    this.#warn = warn;
    this.#rows = db
      .prepare<[number], BodyRow>(
        `SELECT ${COLUMNS} FROM body WHERE id > ? ORDER BY id LIMIT ${BATCH_BODIES_MAX}`,
      )
      .safeIntegers();
    this.#newest = db.prepare<[], number | null>('SELECT max(id) FROM body').pluck();
  }

  nextBatch(): { readonly bodies: readonly ReadBody[]; readonly isLast: boolean } {
    const bodies: ReadBody[] = [];
    let bytes = 0;
    let rowCount = 0;
    try {
      for (const row of this.#rows.iterate(this.#afterId)) {
        rowCount += 1;
        this.#afterId = Number(row.id);
        const body = checked(row, this.#warn);
        if (body === null) continue;
        bodies.push(body);
        bytes += body.body.byteLength;
        if (bytes >= BATCH_BYTES_MAX) break;
      }
    } catch (error) {
      if (troubleOf(error) !== 'damaged') throw error;
      return { bodies, isLast: !this.#skipDamage() };
    }
    return { bodies, isLast: rowCount === 0 };
  }

  /** Looks for the next id that can be read, in growing strides. @returns false when there is none. */
  #skipDamage(): boolean {
    const from = this.#afterId + 1;
    const newest = this.#newestReadable();
    for (let stride = 1; this.#afterId < newest; stride *= 2) {
      this.#afterId = Math.min(this.#afterId + stride, newest);
      if (this.#isReadableAfter(this.#afterId)) break;
    }
    this.#warn(`Bodies ${from} to ${this.#afterId} lie on damaged pages and were left out.`);
    return this.#afterId < newest;
  }

  #newestReadable(): number {
    try {
      return this.#newest.get() ?? 0;
    } catch (error) {
      if (troubleOf(error) !== 'damaged') throw error;
      return 0;
    }
  }

  #isReadableAfter(id: number): boolean {
    try {
      for (const row of this.#rows.iterate(id)) return row.id > 0n;
      return true;
    } catch (error) {
      if (troubleOf(error) !== 'damaged') throw error;
      return false;
    }
  }
}

/** Reads single bodies by their ids. */
export class BodyLookup {
  readonly #row: Statement<[number], BodyRow>;
  readonly #warn: (text: string) => void;

  constructor(db: Database, warn: (text: string) => void) {
    this.#row = db
      .prepare<[number], BodyRow>(`SELECT ${COLUMNS} FROM body WHERE id = ?`)
      .safeIntegers();
    this.#warn = warn;
  }

  get(id: number): ReadBody | null {
    try {
      const row = this.#row.get(id);
      return row === undefined ? null : checked(row, this.#warn);
    } catch (error) {
      if (troubleOf(error) !== 'damaged') throw error;
      this.#warn(`Body ${id} lies on a damaged page and was left out.`);
      return null;
    }
  }
}

function checked(row: BodyRow, warn: (text: string) => void): ReadBody | null {
  if (crc32(row.body) !== Number(row.checksum)) {
    warn(`Body ${row.id.toString()} is damaged on disk and was left out.`);
    return null;
  }
  return {
    id: Number(row.id),
    receivedAtNs: row.receivedAtNs,
    format: row.format,
    contentEncoding: row.contentEncoding,
    spanCount: Number(row.spanCount),
    body: transferable(unpackBody(row.body, row.storedEncoding)),
  };
}
