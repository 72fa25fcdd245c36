/**
 * Of two groups, how many have something: with it, and in all.
 */
export interface TwoGroups {
  readonly hits: number;
  readonly of: number;
  readonly otherHits: number;
  readonly otherOf: number;
}

/**
 * How likely it is that chance alone gives the first group so many hits or more, when both have the same share (R. A.
 * Fisher, The Design of Experiments, 1935: the exact test, one-sided). 1 when there is nothing to compare.
 */
export function fisherGreater({ hits, of, otherHits, otherOf }: TwoGroups): number {
  const all = of + otherOf;
  const allHits = hits + otherHits;
  if (of === 0 || otherOf === 0 || allHits === 0 || allHits === all) return 1;
  const most = Math.min(of, allHits);
  const whole = lnChoose(all, allHits);
  let sum = 0;
  for (let each = hits; each <= most; each++) {
    const term = Math.exp(lnChoose(of, each) + lnChoose(otherOf, allHits - each) - whole);
    sum += term;
    // Behind the peak the terms only get smaller.
    if (term < sum * 1e-12 && each > (of * allHits) / all) break;
  }
  return Math.min(1, sum);
}

/**
 * Which of many tests hold at a rate of false discoveries (Y. Benjamini and Y. Hochberg, Journal of the Royal
 * Statistical Society B 57, 1995). @returns for each p-value its q-value, in the given order.
 */
export function falseDiscoveryRates(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pAt(pValues, a) - pAt(pValues, b));
  const rates = new Array<number>(pValues.length).fill(1);
  let least = 1;
  for (let rank = order.length; rank >= 1; rank--) {
    const index = order[rank - 1] as number;
    least = Math.min(least, (pAt(pValues, index) * pValues.length) / rank);
    rates[index] = least;
  }
  return rates;
}

function pAt(pValues: readonly number[], index: number): number {
  return pValues[index] ?? 1;
}

function lnChoose(n: number, k: number): number {
  if (k < 0 || k > n) return -Infinity;
  return lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);
}

/** Up to here by adding up, beyond by Stirling's series, which is exact to twelve digits there. */
const EXACT_MAX = 256;
const LN_FACTORIALS: readonly number[] = Array.from({ length: EXACT_MAX + 1 }).reduce<number[]>(
  (sums, _, n) => [...sums, n === 0 ? 0 : (sums[n - 1] ?? 0) + Math.log(n)],
  [],
);

function lnFactorial(n: number): number {
  if (n <= EXACT_MAX) return LN_FACTORIALS[n] ?? 0;
  const inverse = 1 / n;
  const series = inverse / 12 - inverse ** 3 / 360 + inverse ** 5 / 1260;
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}
