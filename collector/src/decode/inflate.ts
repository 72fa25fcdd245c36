import { gunzipSync } from 'node:zlib';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { ReceivedBody } from '../wire.js';

/**
 * Undoes the content encoding of a stored body.
 *
 * @throws Fault BODY_TOO_LARGE beyond `LIMITS.bodyBytesMax`, BODY_UNREADABLE when it is not what it claims.
 */
export function inflate(
  body: Uint8Array,
  contentEncoding: ReceivedBody['contentEncoding'],
): Uint8Array {
  if (contentEncoding === 'identity') return body;
  try {
    return gunzipSync(body, { maxOutputLength: LIMITS.bodyBytesMax });
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError;
    throw new Fault(
      isTooLarge ? 'BODY_TOO_LARGE' : 'BODY_UNREADABLE',
      isTooLarge ? 'The body inflates beyond the limit.' : 'The body is not valid gzip.',
      { cause },
    );
  }
}
