import type { Page } from '@throughline/model/api/primitives';
import { badCursor, decodeCursor, encodeCursor } from './cursor.js';

/** One page of a list that is held whole; the cursor names the last item of the page before. */
export function pageOf<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> {
  const start = cursor === undefined ? 0 : startAfter(items, idOf, cursor);
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const hasMore = start + limit < items.length;
  return { items: page, next: hasMore && last !== undefined ? encodeCursor(idOf(last)) : null };
}

function startAfter<T>(items: readonly T[], idOf: (item: T) => string, cursor: string): number {
  const id = decodeCursor(cursor, 'cursor');
  const at = items.findIndex((item) => idOf(item) === id);
  if (at < 0) throw badCursor('cursor');
  return at + 1;
}
