import { Fault } from '../../errors.js';
import { LIMITS } from '../../limits.js';
import type { ApiClient } from '../api-client.js';
import { CliFault } from '../exit-code.js';
import type { CliIo } from '../io.js';
import { Accounting, type ImportAccount } from './account.js';
import { Batches, jaegerBatches, type Batch, type Part } from './batch.js';
import { Delivery } from './delivery.js';
import { detectShape, HEAD_BYTES, type FileShape, type ImportFormat } from './detect-format.js';
import { openInput, peek, type Input } from './input-bytes.js';
import { JsonSplitter, type JsonPiece } from './json-splitter.js';
import { Progress } from './progress.js';
import { ProtobufSplitter } from './protobuf-splitter.js';

export interface ImportFileOptions {
  readonly io: CliIo;
  readonly api: ApiClient;
  /** Null: told from the file itself. */
  readonly format: ImportFormat | null;
}

/** A whole trace of a Jaeger file is held at once; what is sent as it stands may not be longer than a request. */
const TRACE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Sends everything that is in a file, in requests of a moderate size, holding little of it at once.
 *
 * @returns what became of it; `fault` is what ended it early. What was delivered before stays delivered.
 */
export async function importFile(
  file: string,
  { io, api, format }: ImportFileOptions,
): Promise<{ readonly account: ImportAccount; readonly fault: CliFault | null }> {
  const account = new Accounting(file === '-' ? 'stdin' : file);
  const delivery = new Delivery({ api, io, account });
  try {
    const input = openInput(file, io);
    const progress = new Progress({ io, input, account });
    const { head, all } = await peek(input.chunks, HEAD_BYTES);
    const shape = detectShape(head, input.name, format);
    account.isOf(shape.format);
    for await (const batch of batchesOf(all, { shape, input, account })) {
      await delivery.send(batch);
      progress.tell();
    }
    await delivery.end();
    return { account: account.reading(), fault: null };
  } catch (error) {
    await delivery.end().catch(() => undefined);
    if (!(error instanceof CliFault)) throw error;
    return { account: account.reading(), fault: error };
  }
}

interface Reading {
  readonly shape: FileShape;
  readonly input: Input;
  readonly account: Accounting;
}

async function* batchesOf(
  chunks: AsyncIterable<Uint8Array>,
  reading: Reading,
): AsyncIterable<Batch> {
  const { format } = reading.shape;
  if (format === 'jaeger') {
    for await (const part of partsOf(chunks, reading)) yield* translated(part, reading.account);
    return;
  }
  const batches = new Batches(format);
  for await (const part of partsOf(chunks, reading)) {
    const full = batches.add(part);
    if (full !== null) yield full;
  }
  const last = batches.take();
  if (last !== null) yield last;
}

function* translated(part: Part, account: Accounting): Iterable<Batch> {
  try {
    const batches = jaegerBatches(part);
    if (batches === null) account.unreadable(`${part.place} is neither a trace nor a span`);
    else yield* batches;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    account.unreadable(`${part.place}: ${error.message}`);
  }
}

/** A file that cannot be read to its end (a gzip that was cut off) gives what came before. */
async function* partsOf(chunks: AsyncIterable<Uint8Array>, reading: Reading): AsyncIterable<Part> {
  const { input, account, shape } = reading;
  const split = shape.format === 'otlp-protobuf' ? splitProtobuf(reading) : splitJson(reading);
  const parts: Part[] = [];
  try {
    for await (const chunk of chunks) {
      yield* split.push(chunk);
    }
    parts.push(...split.end());
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    account.unreadable(`${input.name} cannot be read further: ${what}`);
  }
  yield* parts;
}

interface Split {
  push(chunk: Uint8Array): readonly Part[];
  end(): readonly Part[];
}

function splitProtobuf({ shape, input }: Reading): Split {
  const splitter = new ProtobufSplitter({
    isDelimited: shape.isDelimited,
    pieceBytesMax: LIMITS.bodyBytesMax,
  });
  const place = (index: number): string => `${input.name} resourceSpans[${index}]`;
  return {
    push: (chunk) =>
      splitter.push(chunk).map(({ bytes, index }) => ({ bytes, place: place(index) })),
    end: () => {
      splitter.end();
      return [];
    },
  };
}

function splitJson({ shape, input, account }: Reading): Split {
  const splitter = new JsonSplitter({
    unwrap: shape.unwrap,
    isLines: shape.isLines,
    pieceBytesMax: shape.format === 'jaeger' ? TRACE_BYTES_MAX : LIMITS.bodyBytesMax,
    onProblem: (line, what) => account.unreadable(`${input.name}:${line} ${what}`),
  });
  const partOf = ({ bytes, line, index }: JsonPiece): Part => {
    const element = index === null ? '' : ` ${shape.unwrap ?? ''}[${index}]`;
    return { bytes, place: `${input.name}:${line}${element}` };
  };
  return {
    push: (chunk) => splitter.push(chunk).map(partOf),
    end: () => splitter.end().map(partOf),
  };
}
