/** Work that can be laid down and taken up again: it yields where others may have their turn. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** Items between two places where the work may be laid down: some hundreds of microseconds. */
const STRIDE = 256;

/** Does all of the work now. */
export function finished<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** `act` for each item, with places to lay the work down in between. */
export function* eachOf<T>(items: Iterable<T>, act: (item: T) => void): Sliced<void> {
  let left = STRIDE;
  for (const item of items) {
    act(item);
    left -= 1;
    if (left > 0) continue;
    left = STRIDE;
    yield;
  }
}

export function* mapped<T, R>(items: Iterable<T>, made: (item: T) => R): Sliced<R[]> {
  const results: R[] = [];
  yield* eachOf(items, (item) => results.push(made(item)));
  return results;
}

/** As `Array.sort`: pieces are sorted, then merged two by two. The items must be distinct by `compare`. */
export function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Sliced<T[]> {
  const pieces: T[][] = [];
  for (let at = 0; at === 0 || at < items.length; at += STRIDE) {
    pieces.push(items.slice(at, at + STRIDE).sort(compare));
    if (at > 0) yield;
  }
  while (pieces.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < pieces.length; at += 2) {
      const [a = [], b = []] = [pieces[at], pieces[at + 1]];
      merged.push(yield* merge(a, b, compare));
    }
    pieces.splice(0, pieces.length, ...merged);
  }
  return pieces[0] ?? [];
}

function* merge<T>(a: T[], b: T[], compare: (a: T, b: T) => number): Sliced<T[]> {
  const [endOfA, startOfB] = [a.at(-1), b[0]];
  if (startOfB === undefined || endOfA === undefined) return a.length > 0 ? a : b;
  // Steps mostly come in order: then there is nothing to weave together.
  if (compare(endOfA, startOfB) <= 0) return a.concat(b);
  const both: T[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as T, b[j] as T];
    if (compare(x, y) <= 0) i += both.push(x) && 1;
    else j += both.push(y) && 1;
    if (both.length % (STRIDE * 8) === 0) yield;
  }
  return both.concat(a.slice(i), b.slice(j));
}
