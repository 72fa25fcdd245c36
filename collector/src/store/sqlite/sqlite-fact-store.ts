import type { Worker } from 'node:worker_threads';
import type BetterSqlite3 from 'better-sqlite3';
import { unreachable } from '@throughline/model/invariant';
import type { UnixNs } from '@throughline/model/time';
import { Fault } from '../../errors.js';
import { LIMITS } from '../../limits.js';
import type { ReceivedBody } from '../../wire.js';
import type { DropBounds, FactStore, RecordTable, StoredBody, StoreState } from '../fact-store.js';
import { BodyLookup } from './body-reader.js';
import type { Sqlite } from './load-sqlite.js';
import { factFilePath } from './open-fact-file.js';
import { readBodies } from './read-bodies.js';
import { recordText, recordValue } from './record-text.js';
import type { FileState, RecordRow, WriterReport, WriterRequest } from './thread-messages.js';
import { transferable } from './transferable.js';

export interface SqliteFactStoreParts {
  readonly Database: Sqlite;
  readonly folder: string;
  /** A writer thread that has told `opened`. */
  readonly writer: Worker;
  readonly records: readonly RecordRow[];
  readonly file: FileState;
  readonly onWarning: (text: string) => void;
  /** Runs once, after the writer has closed: gives the folder back. */
  readonly release: () => void;
}

interface Waiting {
  readonly bytes: number;
  readonly resolve: (value: number) => void;
  readonly reject: (fault: Fault) => void;
}

type Unnumbered<T> = T extends { readonly seq: number } ? Omit<T, 'seq'> : never;

/** The caller's side of the writer thread: numbers requests, bounds what is in flight, settles promises. */
export class SqliteFactStore implements FactStore {
  readonly #parts: SqliteFactStoreParts;
  readonly #waiting = new Map<number, Waiting>();
  readonly #records: Readonly<Record<RecordTable, Map<string, unknown>>>;
  /** Opened when single bodies are asked for first. */
  #reading: BetterSqlite3.Database | null = null;
  #lookup: BodyLookup | null = null;
  #file: FileState;
  #inFlightBytes = 0;
  #lastSeq = 0;
  /** Set once: why nothing is accepted any more. */
  #ended: Fault | null = null;
  #closing: Promise<void> | null = null;
  #onClosed: () => void = () => undefined;

  constructor(parts: SqliteFactStoreParts) {
    this.#parts = parts;
    this.#file = parts.file;
    this.#records = {
      finding: new Map(),
      tally: new Map(),
      alert: new Map(),
      episode: new Map(),
      silence: new Map(),
      hold: new Map(),
      broker: new Map(),
      correction: new Map(),
      store: new Map(),
    };
    for (const { book, key, text } of parts.records)
      this.#records[book].set(key, recordValue(text));
    parts.writer.on('message', (report: WriterReport) => this.#hear(report));
    parts.writer.on('error', (error) => this.#lost(error));
    parts.writer.on('exit', () => this.#lost(undefined));
  }

  async append(received: ReceivedBody): Promise<number> {
    const { byteLength } = received.body;
    if (this.#inFlightBytes + byteLength > LIMITS.inFlightBytesMax) {
      throw new Fault(
        'OVERLOADED',
        `${this.#inFlightBytes} bytes wait to be stored; the bound is ${LIMITS.inFlightBytesMax}.`,
      );
    }
    const body = transferable(received.body);
    const { receivedAtNs, format, contentEncoding, spanCount } = received;
    return this.#ask(
      { ask: 'append', receivedAtNs, format, contentEncoding, spanCount, body },
      body,
    );
  }

  read(afterId: number): AsyncIterable<StoredBody> {
    const { folder, onWarning } = this.#parts;
    return readBodies({ file: factFilePath(folder), afterId, onWarning });
  }

  bodies(ids: readonly number[]): readonly StoredBody[] {
    const { folder, onWarning, Database } = this.#parts;
    this.#reading ??= new Database(factFilePath(folder), { readonly: true });
    this.#lookup ??= new BodyLookup(this.#reading, onWarning);
    const bodies: StoredBody[] = [];
    for (const id of ids) {
      const body = this.#lookup.get(id);
      if (body !== null) bodies.push({ ...body, receivedAtNs: body.receivedAtNs as UnixNs });
    }
    return bodies;
  }

  async putRecord(table: RecordTable, key: string, value: unknown): Promise<void> {
    const text = recordText(value);
    await this.#ask({ ask: 'put', book: table, key, text });
    this.#records[table].set(key, recordValue(text));
  }

  async deleteRecord(table: RecordTable, key: string): Promise<void> {
    await this.#ask({ ask: 'delete', book: table, key });
    this.#records[table].delete(key);
  }

  records(table: RecordTable): ReadonlyMap<string, unknown> {
    return this.#records[table];
  }

  drop(bounds: DropBounds): Promise<number> {
    return this.#ask({ ask: 'drop', ...bounds });
  }

  idBeforeNewest(spanCountMax: number): Promise<number> {
    return this.#ask({ ask: 'locate', spanCountMax });
  }

  state(): StoreState {
    const reason = this.#ended?.message ?? this.#file.trouble;
    return {
      isWritable: reason === null,
      reason,
      bodies: this.#file.bodies,
      bytesOnDisk: this.#file.bytesOnDisk,
      inFlightBytes: this.#inFlightBytes,
      oldestReceivedAtNs: this.#file.oldestReceivedAtNs as UnixNs | null,
      oldestBodyId: this.#file.oldestBodyId,
    };
  }

  /** Looks whether writing works again. Costs nothing while it works. */
  probe(): void {
    if (this.#file.trouble !== null && this.#ended === null) this.#post({ ask: 'probe' });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#onClosed = resolve;
      const hasEnded = this.#ended !== null;
      this.#ended ??= new Fault('SHUTTING_DOWN', 'The store is closing.');
      if (hasEnded) this.#finish();
      else this.#post({ ask: 'close' });
    });
    return this.#closing;
  }

  #ask(request: Unnumbered<WriterRequest>, body?: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const seq = ++this.#lastSeq;
    const bytes = body?.byteLength ?? 0;
    return new Promise((resolve, reject) => {
      this.#inFlightBytes += bytes;
      this.#waiting.set(seq, { bytes, resolve, reject });
      this.#post({ ...request, seq }, body === undefined ? [] : [body.buffer]);
    });
  }

  #post(request: WriterRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#parts.writer.postMessage(request, transfer);
  }

  #hear(report: WriterReport): void {
    switch (report.tell) {
      case 'done':
        this.#file = report.file;
        for (const [index, seq] of report.seqs.entries()) {
          this.#settle(seq)?.resolve(report.values[index] ?? 0);
        }
        return;
      case 'failed': {
        this.#file = report.file;
        const { code, message } = report.fault;
        for (const seq of report.seqs) this.#settle(seq)?.reject(new Fault(code, message));
        return;
      }
      case 'opened':
      case 'state':
        this.#file = report.file;
        return;
      case 'warning':
        this.#parts.onWarning(report.text);
        return;
      case 'refused':
        this.#lost(new Fault(report.fault.code, report.fault.message));
        return;
      case 'closed':
        // The thread ends by itself, and `exit` follows.
        return;
      default:
        return unreachable(report);
    }
  }

  #settle(seq: number): Waiting | undefined {
    const waiting = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    this.#inFlightBytes -= waiting?.bytes ?? 0;
    return waiting;
  }

  /** The thread has ended: as asked by `close`, or not. Nothing is stored from here on. */
  #lost(cause: unknown): void {
    if (this.#ended === null) {
      const text = 'The thread that writes the store has ended; start the collector again.';
      this.#ended = new Fault('STORE_UNAVAILABLE', text, { cause });
      this.#parts.onWarning(text);
    }
    for (const seq of [...this.#waiting.keys()]) this.#settle(seq)?.reject(this.#ended);
    this.#finish();
  }

  #finish(): void {
    if (this.#closing === null) return;
    this.#reading?.close();
    this.#parts.release();
    this.#onClosed();
  }
}
