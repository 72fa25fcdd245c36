import { Fault } from '../errors.js';

/** Cursors are opaque to clients: base64url of a little JSON, checked when it comes back. */
export function encodeCursor(place: string): string {
  return Buffer.from(JSON.stringify([place])).toString('base64url');
}

/** @throws Fault BAD_PARAMETER when the text is no cursor of ours. */
export function decodeCursor(cursor: string, name: string): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 1 && typeof parsed[0] === 'string') {
      return parsed[0];
    }
  } catch {
    // Falls through: whatever is wrong with it, it is not one of ours.
  }
  throw badCursor(name);
}

export function badCursor(name: string): Fault {
  return new Fault('BAD_PARAMETER', `${name}: this is no cursor that a page before gave`);
}
