import { createGunzip } from 'node:zlib';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Reservation } from './admission.js';

/**
 * Inflates gzip piece by piece, on zlib's own threads, and stops at the limit: a small body that would grow
 * into gigabytes never does.
 *
 * @throws Fault BODY_UNREADABLE for what is not gzip or is cut off, BODY_TOO_LARGE, OVERLOADED.
 */
export async function inflate(raw: Buffer, reservation: Reservation): Promise<Buffer> {
  const isKept = claimedBytes(raw) <= LIMITS.bodyBytesMax;
  const gunzip = createGunzip();
  const pieces: Buffer[] = [];
  let bytes = 0;
  gunzip.end(raw);
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > LIMITS.bodyBytesMax) throw tooLarge();
      if (!isKept) continue;
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
    gunzip.destroy();
  }
  if (!isKept) throw tooLarge();
  return Buffer.concat(pieces, bytes);
}

/**
 * The length that the trailer of the (last) member claims, RFC 1952 section 2.3.1. One that is too much is only counted
 * through, to tell a bomb from a cut body, and never held in memory.
 */
function claimedBytes(raw: Buffer): number {
  return raw.length < 4 ? 0 : raw.readUInt32LE(raw.length - 4);
}

export function tooLarge(): Fault {
  const mebibytes = LIMITS.bodyBytesMax / 1024 / 1024;
  return new Fault('BODY_TOO_LARGE', `The body has more than ${mebibytes} MiB.`);
}
