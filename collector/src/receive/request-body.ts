import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.js';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Reservation } from './admission.js';
import { inflate, tooLarge } from './inflate.js';
import { contentEncodingOf } from './media-type.js';

/** How finely a pause is measured: one is noticed when it lasts a quarter longer than it may, at the latest. */
const LOOKS_PER_PAUSE = 4;

export interface RequestBody {
  readonly contentEncoding: 'identity' | 'gzip';
  readonly raw: Buffer;
  readonly inflated: Buffer;
}

/** The sender went away before its body was complete: there is nobody to answer. */
export class SenderGone extends Error {
  constructor() {
    super('The connection closed before the body was complete.');
    this.name = 'SenderGone';
  }
}

/** The length that the sender announces; 0 when it does not (chunked). @throws Fault BODY_TOO_LARGE */
export function announcedBytes(request: IncomingMessage): number {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > LIMITS.bodyBytesMax) throw tooLarge();
  return Number.isFinite(length) ? length : 0;
}

/**
 * Reads and inflates a request's body within all limits. What was not read stays unread.
 *
 * @throws Fault BODY_TOO_LARGE, BODY_TOO_SLOW, BODY_UNREADABLE, OVERLOADED, UNSUPPORTED_ENCODING; or SenderGone.
 */
export async function readBody(
  request: IncomingMessage,
  reservation: Reservation,
  clock: Clock,
): Promise<RequestBody> {
  const contentEncoding = contentEncodingOf(request.headers['content-encoding']);
  const raw = await readRaw(request, reservation, clock);
  const inflated = contentEncoding === 'gzip' ? await inflate(raw, reservation) : raw;
  await reservation.turn(inflated.length);
  return { contentEncoding, raw, inflated };
}

function readRaw(
  request: IncomingMessage,
  reservation: Reservation,
  clock: Clock,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let quietLooks = 0;
    const fail = (error: Error): void => {
      stop();
      request.pause();
      reject(error);
    };
    const tooSlow = (): void =>
      fail(new Fault('BODY_TOO_SLOW', 'The body took too long to arrive.'));
    const cancelWhole = clock.after(LIMITS.bodyMsMax, tooSlow);
    // One timer that looks now and then costs less than one that is set anew with every piece.
    const cancelPause = clock.every(LIMITS.bodyPauseMsMax / LOOKS_PER_PAUSE, () => {
      quietLooks += 1;
      if (quietLooks > LOOKS_PER_PAUSE) tooSlow();
    });
    const onData = (piece: Buffer): void => {
      quietLooks = 0;
      bytes += piece.length;
      if (bytes > LIMITS.bodyBytesMax) {
        fail(tooLarge());
        return;
      }
      try {
        reservation.add(piece.length);
      } catch (overloaded) {
        fail(overloaded as Error);
        return;
      }
      pieces.push(piece);
    };
    const onEnd = (): void => {
      stop();
      resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, bytes));
    };
    const onGone = (): void => fail(new SenderGone());
    const stop = (): void => {
      cancelWhole();
      cancelPause();
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      // A socket error after this is of no interest, but without a listener it would end the process.
      request.on('error', () => undefined);
    };
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}
