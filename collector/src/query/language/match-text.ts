import type { TextPattern } from './query.js';

/** Compares in time linear in pattern × text: a pattern is hostile input, so it never becomes a RegExp. */
export function matchesText(pattern: TextPattern, text: string): boolean {
  return pattern.hasWildcards ? matchesGlob(pattern.text, text) : pattern.text === text;
}

/** `*` stands for any characters, none included. Everything else stands for itself. */
export function matchesGlob(glob: string, text: string): boolean {
  const pieces = glob.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return glob === text;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  // Taking the leftmost place for each middle piece leaves the most room for the rest.
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
