const SLOTS = 4_096;
/** Longer texts are seldom the same twice. */
const LENGTH_MAX = 96;

/**
 * Texts that come again and again (names of attributes, services, queues) as one string each: to read them anew costs
 * more than to look them up, and keeps a copy per span in memory. Holds at most `SLOTS` texts, whatever is sent.
 */
export class TextCache {
  readonly #texts = new Array<string>(SLOTS).fill('');

  /** The text that was asked for last was not among them. */
  wasNews = false;

  /** The text of these bytes, as `Buffer.toString` reads them. */
  text(bytes: Buffer, from: number, to: number): string {
    const length = to - from;
    this.wasNews = true;
    if (length > LENGTH_MAX) return bytes.toString('utf8', from, to);
    let hash = 0x811c9dc5 ^ length;
    for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
    const known = this.#texts[slot] ?? '';
    if (known.length === length && isWritten(known, bytes, from)) {
      this.wasNews = false;
      return known;
    }
    const text = bytes.toString('utf8', from, to);
    // A text of as many characters as bytes is ASCII, or broken: only the first may be compared byte by byte.
    if (text.length === length && isWritten(text, bytes, from)) this.#texts[slot] = text;
    return text;
  }
}

/** Whether each character is the byte in its place. */
export function isWritten(text: string, bytes: Buffer, from: number): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) !== bytes[from + at]) return false;
  }
  return true;
}
