import type { LiveDelta } from '@throughline/model/socket-events';

interface Entry {
  readonly id?: string;
  readonly destination?: string;
}

/** Dead letters are known by their destination, everything else that comes in lists by its id. */
export function entryKey(entry: unknown): string {
  const { id, destination } = entry as Entry;
  return id ?? destination ?? '';
}

/**
 * The view after a delta. Entries that are known change in place, so that no row moves; new ones come first.
 * @returns the same object when the delta changes nothing.
 */
export function applyDelta(body: unknown, delta: LiveDelta): unknown {
  if (delta.replace !== undefined) return delta.replace;
  const list = (body as { items?: readonly unknown[] } | undefined)?.items;
  if (list === undefined) return body;
  const upserts = new Map((delta.upsert ?? []).map((entry) => [entryKey(entry), entry]));
  const gone = new Set(delta.remove ?? []);
  if (upserts.size === 0 && gone.size === 0) return body;
  const kept = list
    .filter((entry) => !gone.has(entryKey(entry)))
    .map((entry) => {
      const changed = upserts.get(entryKey(entry));
      upserts.delete(entryKey(entry));
      return changed ?? entry;
    });
  return { ...(body as object), items: [...upserts.values(), ...kept] };
}
