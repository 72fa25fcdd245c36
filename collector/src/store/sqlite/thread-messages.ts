import type { BodyFormat } from '../../wire.js';
import type { FaultCode } from '../../errors.js';
import type { DropBounds, RecordTable } from '../fact-store.js';

/** What the writer thread is started with. */
export interface WriterSetup {
  readonly folder: string;
  readonly openedAt: string;
  readonly reserveBytes: number;
}

/** Asked of the writer thread. `seq` comes back with the answer. */
export type WriterRequest =
  | AppendRequest
  | PutRequest
  | DeleteRequest
  | DropRequest
  | LocateRequest
  | { readonly ask: 'probe' }
  | { readonly ask: 'close' };

export interface AppendRequest {
  readonly ask: 'append';
  readonly seq: number;
  readonly receivedAtNs: bigint;
  readonly format: BodyFormat;
  readonly contentEncoding: 'identity' | 'gzip';
  readonly spanCount: number;
  readonly body: Uint8Array;
}

export interface PutRequest {
  readonly ask: 'put';
  readonly seq: number;
  readonly book: RecordTable;
  readonly key: string;
  readonly text: string;
}

export interface DeleteRequest {
  readonly ask: 'delete';
  readonly seq: number;
  readonly book: RecordTable;
  readonly key: string;
}

export interface DropRequest extends DropBounds {
  readonly ask: 'drop';
  readonly seq: number;
}

/** Where the newest bodies begin that together hold at most so many spans. */
export interface LocateRequest {
  readonly ask: 'locate';
  readonly seq: number;
  readonly spanCountMax: number;
}

export type WriteRequest = AppendRequest | PutRequest | DeleteRequest;

/** Told by the writer thread. */
export type WriterReport =
  | { readonly tell: 'opened'; readonly records: readonly RecordRow[]; readonly file: FileState }
  | { readonly tell: 'refused'; readonly fault: PlainFault }
  /** `values`: the body's id for an append, the number of dropped bodies for a drop, an id for a locate. */
  | {
      readonly tell: 'done';
      readonly seqs: readonly number[];
      readonly values: readonly number[];
      readonly file: FileState;
    }
  | {
      readonly tell: 'failed';
      readonly seqs: readonly number[];
      readonly fault: PlainFault;
      readonly file: FileState;
    }
  | { readonly tell: 'state'; readonly file: FileState }
  | { readonly tell: 'warning'; readonly text: string }
  | { readonly tell: 'closed' };

export interface RecordRow {
  readonly book: RecordTable;
  readonly key: string;
  readonly text: string;
}

export interface FileState {
  /** One sentence while nothing can be written; null otherwise. */
  readonly trouble: string | null;
  readonly bodies: number;
  readonly bytesOnDisk: number;
  readonly oldestReceivedAtNs: bigint | null;
  readonly oldestBodyId: number | null;
}

/** A Fault as it crosses threads. */
export interface PlainFault {
  readonly code: FaultCode;
  readonly message: string;
}

/** Reader thread: asked for one batch at a time, so that it is never more than one batch ahead. */
export interface ReaderSetup {
  readonly file: string;
  readonly afterId: number;
}

export type ReaderReport =
  | { readonly tell: 'batch'; readonly bodies: readonly ReadBody[]; readonly isLast: boolean }
  | { readonly tell: 'warning'; readonly text: string }
  | { readonly tell: 'failed'; readonly fault: PlainFault };

export interface ReadBody {
  readonly id: number;
  readonly receivedAtNs: bigint;
  readonly format: BodyFormat;
  readonly contentEncoding: 'identity' | 'gzip';
  readonly spanCount: number;
  readonly body: Uint8Array;
}
