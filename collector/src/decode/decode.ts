import type { BodyFormat, Decoded } from '../wire.js';
import { Fault } from '../errors.js';

/**
 * Reads an inflated request body.
 *
 * @throws Fault BODY_UNREADABLE when the body as a whole cannot be read. A bad span inside a readable body
 * never throws: it comes back in `rejected`.
 */
export function decode(format: BodyFormat, body: Uint8Array): Decoded {
  throw new Fault('BODY_UNREADABLE', `${format} of ${body.length} bytes`);
}
