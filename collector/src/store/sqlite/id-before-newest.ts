import type { Database } from 'better-sqlite3';

/** The id after which the newest bodies hold at most so many spans; 0 when all bodies together do. */
export function idBeforeNewest(db: Database, spanCountMax: number): number {
  const newestFirst = db.prepare<[], { id: number; spanCount: number }>(
    'SELECT id, span_count AS spanCount FROM body ORDER BY id DESC',
  );
  let spanCount = 0;
  for (const body of newestFirst.iterate()) {
    spanCount += body.spanCount;
    if (spanCount > spanCountMax) return body.id;
  }
  return 0;
}
