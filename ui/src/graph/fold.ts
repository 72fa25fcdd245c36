/** A stretch of time, in milliseconds. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface Segment extends Stretch {
  /** Nothing happened in it, and it is drawn narrow whatever its length. */
  readonly isFolded: boolean;
  /** Where it is drawn, as shares of the whole width. */
  readonly from: number;
  readonly to: number;
}

export interface TimeScale {
  readonly segments: readonly Segment[];
  /** Share of the width, 0 to 1, of an instant. */
  readonly at: (ms: number) => number;
}

interface FoldOptions {
  readonly medianHopMs: number;
  readonly isFolding: boolean;
  /** Starts of gaps that somebody unfolded. */
  readonly unfolded: ReadonlySet<number>;
}

const GAP_SHARE = 0.05;
const GAP_HOPS = 3;
const FOLD_WIDTH = 0.045;
const FOLDS_WIDTH_MAX = 0.4;

/** Stretches in which anything is going on, joined and in order. */
export function busyStretches(stretches: readonly Stretch[]): Stretch[] {
  const sorted = [...stretches].sort((a, b) => a.start - b.start);
  const busy: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = busy.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else busy.push({ start, end });
  }
  return busy;
}

/**
 * A time axis on which long idle gaps take little room: gaps of more than 5 % of the whole and more than three
 * times the usual hop. Order is kept everywhere and proportion within each stretch.
 */
export function foldedScale(stretches: readonly Stretch[], options: FoldOptions): TimeScale {
  const busy = busyStretches(stretches);
  const start = busy[0]?.start ?? 0;
  const end = Math.max(busy.at(-1)?.end ?? 0, start + 0.001);
  const gapLeast = Math.max((end - start) * GAP_SHARE, options.medianHopMs * GAP_HOPS);
  const gaps = options.isFolding
    ? busy.slice(1).flatMap((stretch, index) => {
        const from = busy[index]?.end ?? stretch.start;
        const isLong = stretch.start - from > gapLeast;
        return isLong && !options.unfolded.has(from) ? [{ start: from, end: stretch.start }] : [];
      })
    : [];
  const cuts = [start, ...gaps.flatMap((gap) => [gap.start, gap.end]), end];
  const raw = cuts.slice(1).map((to, index) => ({
    start: cuts[index] ?? start,
    end: to,
    isFolded: index % 2 === 1,
  }));
  return scaleOf(raw);
}

function scaleOf(raw: readonly (Stretch & { readonly isFolded: boolean })[]): TimeScale {
  const folds = raw.filter(({ isFolded }) => isFolded).length;
  const foldWidth = folds === 0 ? 0 : Math.min(FOLD_WIDTH, FOLDS_WIDTH_MAX / folds);
  const open = raw.filter(({ isFolded }) => !isFolded);
  const openMs = open.reduce((sum, { start, end }) => sum + end - start, 0);
  const openWidth = 1 - foldWidth * folds;
  let at = 0;
  const segments = raw.map((segment): Segment => {
    const share = openMs === 0 ? 1 / open.length : (segment.end - segment.start) / openMs;
    const from = at;
    at += segment.isFolded ? foldWidth : openWidth * share;
    return { ...segment, from, to: at };
  });
  return {
    segments,
    at: (ms) => {
      const segment = segments.find(({ end }) => ms <= end) ?? segments.at(-1);
      if (!segment) return 0;
      const length = segment.end - segment.start;
      const share = length === 0 ? 0 : Math.min(1, Math.max(0, (ms - segment.start) / length));
      return segment.from + (segment.to - segment.from) * share;
    },
  };
}
