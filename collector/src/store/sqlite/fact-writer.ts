import { writeFileSync } from 'node:fs';
import { unreachable } from '@throughline/model/invariant';
import type { FaultCode } from '../../errors.js';
import { LIMITS } from '../../limits.js';
import type { FactFile } from './fact-file.js';
import { Housekeeping } from './housekeeping.js';
import { damageMarkPath } from './open-fact-file.js';
import type { ReserveFile } from './reserve-file.js';
import { messageOf, troubleOf, type Trouble } from './sqlite-fault.js';
import type {
  FileState,
  LocateRequest,
  WriteRequest,
  WriterReport,
  WriterRequest,
} from './thread-messages.js';

export interface FactWriterParts {
  readonly folder: string;
  /** Opens the file anew, after the disk failed under the old connection. */
  readonly open: () => FactFile;
  readonly reserve: ReserveFile;
  readonly tell: (report: WriterReport) => void;
  /** The next request that waits, without waiting for one. */
  readonly take: () => WriterRequest | undefined;
}

/**
 * The work of the writer thread: whatever waits is written in one transaction, then the next.
 *
 * Writable: every write is tried. Full: the reserve is given up, so that deletions work, and bodies are refused
 * until it can be laid down again. Failing: the connection is opened anew and every write is tried. Damaged:
 * everything is refused until the next start, which moves the file aside.
 */
export class FactWriter {
  readonly #parts: FactWriterParts;
  readonly #housekeeping: Housekeeping;
  readonly #queue: WriterRequest[] = [];
  #file: FactFile | null;
  #trouble: { readonly kind: Trouble; readonly text: string } | null = null;
  #isClosed = false;

  constructor(parts: FactWriterParts) {
    this.#parts = parts;
    this.#file = parts.open();
    this.#housekeeping = new Housekeeping(parts.tell, () => this.state());
    parts.tell({ tell: 'opened', records: this.#file.records(), file: this.state() });
    if (!parts.reserve.establish()) this.#enter('full', 'there is no room for the reserve file');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Does everything that waits, then returns. */
  work(first: WriterRequest): void {
    this.#queue.push(first);
    let isKeeping = false;
    while (!this.#isClosed) {
      this.#takeWaiting();
      if (this.#queue.length === 0 && !isKeeping) return;
      const batch = this.#nextBatch();
      if (batch.length > 0) this.#commit(batch);
      else this.#answerNext();
      isKeeping = this.#keepHouse();
    }
  }

  state(): FileState {
    const trouble = this.#trouble?.text ?? null;
    try {
      return {
        trouble,
        bodies: this.#file?.bodies ?? 0,
        bytesOnDisk: this.#file?.bytesOnDisk ?? 0,
        oldestReceivedAtNs: this.#file?.oldestReceivedAtNs ?? null,
        oldestBodyId: this.#file?.oldestBodyId ?? null,
      };
    } catch (error) {
      const text = trouble ?? messageOf(error);
      const unknown = { bodies: 0, bytesOnDisk: 0, oldestReceivedAtNs: null, oldestBodyId: null };
      return { trouble: text, ...unknown };
    }
  }

  #takeWaiting(): void {
    while (this.#queue.length < LIMITS.commitBodiesMax) {
      const request = this.#parts.take();
      if (request === undefined) return;
      this.#queue.push(request);
    }
  }

  /** Writes at the head of the queue, up to what one transaction holds. */
  #nextBatch(): WriteRequest[] {
    const batch: WriteRequest[] = [];
    let bytes = 0;
    for (const request of this.#queue) {
      if (!isWrite(request)) break;
      if (batch.length >= LIMITS.commitBodiesMax || bytes >= LIMITS.commitBytesMax) break;
      batch.push(request);
      bytes += request.ask === 'append' ? request.body.byteLength : 0;
    }
    this.#queue.splice(0, batch.length);
    return batch;
  }

  #answerNext(): void {
    const request = this.#queue.shift();
    switch (request?.ask) {
      case undefined:
        break;
      case 'drop':
        this.#housekeeping.add(request);
        break;
      case 'locate':
        this.#locate(request);
        break;
      case 'probe':
        this.#probe();
        break;
      case 'close':
        this.#close();
        break;
      case 'append':
      case 'put':
      case 'delete':
        this.#commit([request]);
        break;
      default:
        unreachable(request);
    }
  }

  #locate({ seq, spanCountMax }: LocateRequest): void {
    try {
      const id = this.#openFile().idBeforeNewest(spanCountMax);
      this.#parts.tell({ tell: 'done', seqs: [seq], values: [id], file: this.state() });
    } catch (error) {
      const fault = { code: 'STORE_UNAVAILABLE', message: messageOf(error) } as const;
      this.#parts.tell({ tell: 'failed', seqs: [seq], fault, file: this.state() });
    }
  }

  #commit(batch: readonly WriteRequest[]): void {
    const refused = batch.filter((request) => this.#isRefused(request));
    if (refused.length > 0) this.#fail(refused, 'STORE_UNAVAILABLE', this.#trouble?.text ?? '');
    const tried = batch.filter((request) => !this.#isRefused(request));
    if (tried.length === 0) return;
    try {
      const values = this.#openFile().write(tried);
      if (this.#trouble?.kind === 'unavailable') this.#leave();
      const seqs = tried.map(({ seq }) => seq);
      this.#parts.tell({ tell: 'done', seqs, values, file: this.state() });
    } catch (error) {
      this.#failed(tried, error);
    }
  }

  /** Records are small and tell about the trouble itself: they may use the room that the reserve gave up. */
  #isRefused({ ask }: WriteRequest): boolean {
    const kind = this.#trouble?.kind;
    return kind === 'damaged' || (kind === 'full' && ask === 'append');
  }

  #failed(batch: readonly WriteRequest[], error: unknown): void {
    const trouble = troubleOf(error);
    if (trouble !== 'refused') {
      this.#enter(trouble, messageOf(error));
      this.#fail(batch, 'STORE_UNAVAILABLE', this.#trouble?.text ?? messageOf(error));
    } else if (batch.length > 1) {
      // One value that cannot be written must not cost the others theirs.
      for (const request of batch) this.#commit([request]);
    } else this.#fail(batch, 'INTERNAL', messageOf(error));
  }

  #fail(batch: readonly WriteRequest[], code: FaultCode, message: string): void {
    const seqs = batch.map(({ seq }) => seq);
    this.#parts.tell({ tell: 'failed', seqs, fault: { code, message }, file: this.state() });
  }

  #keepHouse(): boolean {
    if (this.#isClosed) return false;
    try {
      return this.#housekeeping.step(() => this.#openFile(), this.#trouble?.kind === 'full');
    } catch (error) {
      this.#housekeeping.fail({ code: 'STORE_UNAVAILABLE', message: messageOf(error) });
      const trouble = troubleOf(error);
      if (trouble !== 'refused') this.#enter(trouble, messageOf(error));
      return false;
    }
  }

  #openFile(): FactFile {
    this.#file ??= this.#parts.open();
    return this.#file;
  }

  #enter(kind: Exclude<Trouble, 'refused'>, detail: string): void {
    const isNew = this.#trouble?.kind !== kind;
    const { folder, reserve } = this.#parts;
    if (kind === 'full') {
      reserve.release();
      this.#trouble = {
        kind,
        text: `No space is left for ${folder} (${detail}). Make room; ${REST}`,
      };
    } else if (kind === 'damaged') {
      markDamaged(folder);
      const text = `The store in ${folder} is damaged (${detail}). Start again: it is then moved aside.`;
      this.#trouble = { kind, text };
    } else {
      this.#reopenLater();
      this.#trouble = { kind, text: `The disk under ${folder} failed (${detail}); ${REST}` };
    }
    if (isNew) this.#parts.tell({ tell: 'warning', text: this.#trouble.text });
    this.#parts.tell({ tell: 'state', file: this.state() });
  }

  #leave(): void {
    this.#trouble = null;
    this.#parts.tell({ tell: 'warning', text: `${this.#parts.folder} can be written again.` });
    this.#parts.tell({ tell: 'state', file: this.state() });
  }

  /** What a connection holds in memory after a failed sync cannot be trusted: the next write opens a new one. */
  #reopenLater(): void {
    try {
      this.#file?.close();
    } catch {
      // The connection is given up either way.
    }
    this.#file = null;
  }

  #probe(): void {
    const kind = this.#trouble?.kind;
    if (kind === undefined || kind === 'damaged') return;
    try {
      this.#openFile().prove();
      if (kind === 'full' && !this.#parts.reserve.establish()) return;
      this.#leave();
    } catch (error) {
      const trouble = troubleOf(error);
      this.#enter(trouble === 'refused' ? 'unavailable' : trouble, messageOf(error));
    }
  }

  #close(): void {
    this.#isClosed = true;
    this.#housekeeping.finish();
    this.#reopenLater();
    this.#parts.tell({ tell: 'closed' });
  }
}

const REST = 'nothing acknowledged is lost, and writing goes on by itself once it can.';

function markDamaged(folder: string): void {
  try {
    writeFileSync(damageMarkPath(folder), '');
  } catch {
    // Without the mark the next start finds the damage by its own check.
  }
}

function isWrite(request: WriterRequest): request is WriteRequest {
  return request.ask === 'append' || request.ask === 'put' || request.ask === 'delete';
}
