import { createGunzip } from 'node:zlib';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Reservation } from './admission.js';

/** A body of so many bytes may be as even as it likes. */
const FREE_BYTES = 4 * 1024 * 1024;

/**
 * Inflates gzip piece by piece, on zlib's own threads, and stops at the limit: a small body that would grow
 * into gigabytes never does, and one that lies about its length is not held in memory.
 *
 * @throws Fault BODY_UNREADABLE for what is not gzip or is cut off, BODY_TOO_LARGE, OVERLOADED.
 */
export async function inflate(raw: Buffer, reservation: Reservation): Promise<Buffer> {
  const claimed = claimedBytes(raw);
  const isSuspect = claimed > LIMITS.bodyBytesMax || claimed > raw.length * LIMITS.bodyGrowthMax;
  const first = await gunzip(raw, isSuspect ? 0 : claimed, reservation);
  if (first.body !== null) return first.body;
  // Not too much after all: very even, or members one after the other, of which the last one claimed its own part.
  const second = await gunzip(raw, first.bytes, reservation);
  if (second.body === null) throw tooLarge();
  return second.body;
}

/** Holds no more than so many bytes: of what grows beyond them, only the length is found out. */
async function gunzip(
  raw: Buffer,
  keptMax: number,
  reservation: Reservation,
): Promise<{ readonly bytes: number; readonly body: Buffer | null }> {
  const stream = createGunzip();
  let pieces: Buffer[] = [];
  let bytes = 0;
  stream.end(raw);
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > LIMITS.bodyBytesMax) throw tooLarge();
      if (bytes > FREE_BYTES && bytes > stream.bytesWritten * LIMITS.bodyGrowthMax) throw bomb();
      if (bytes > keptMax) {
        pieces = [];
        continue;
      }
      reservation.add(piece.length);
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault(
      'BODY_UNREADABLE',
      'The body is not complete gzip, though its Content-Encoding says so.',
      { cause },
    );
  } finally {
    stream.destroy();
  }
  return { bytes, body: bytes > keptMax ? null : Buffer.concat(pieces, bytes) };
}

/** The length that the trailer of the (last) member claims (RFC 1952 section 2.3.1): a claim, and no more. */
function claimedBytes(raw: Buffer): number {
  return raw.length < 4 ? 0 : raw.readUInt32LE(raw.length - 4);
}

function bomb(): Fault {
  return new Fault(
    'BODY_TOO_LARGE',
    `The body grows more than ${LIMITS.bodyGrowthMax}-fold when inflated, which spans do not.`,
  );
}

export function tooLarge(): Fault {
  const mebibytes = LIMITS.bodyBytesMax / 1024 / 1024;
  return new Fault('BODY_TOO_LARGE', `The body has more than ${mebibytes} MiB.`);
}
