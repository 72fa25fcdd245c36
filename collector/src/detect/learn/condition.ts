import { LIMITS } from '../../limits.js';
import { valueOf, type Facets } from './facets.js';
import type { Opening } from './opening.js';

/** Values of one attribute. */
export interface Condition {
  readonly attribute: string;
  readonly values: readonly string[];
  /** It holds for every other value, and where there is none. */
  readonly isExcluding: boolean;
}

export function holds({ attribute, values, isExcluding }: Condition, facets: Facets): boolean {
  const value = valueOf(facets, attribute);
  return (value !== undefined && values.includes(value)) !== isExcluding;
}

/** `country = DE or AT`, `country ≠ FR`. */
export function conditionText({ attribute, values, isExcluding }: Condition): string {
  const sign = isExcluding ? '≠' : '=';
  return `${attribute} ${sign} ${values.join(isExcluding ? ', ' : ' or ')}`;
}

/** An opening that counts, and whether the reaction came; in order of time. */
export interface Told {
  readonly opening: Opening;
  readonly isHit: boolean;
}

export interface Search {
  readonly minSamples: number;
  readonly probability: number;
  /** `including`: where it is certain · `excluding`: where it never comes, and is certain elsewhere. */
  readonly wanted: 'including' | 'excluding';
}

interface Group {
  hits: number;
  misses: number;
  /** Misses that came right after a hit, of whatever value: an outage is one spell, a habit is many. */
  spells: number;
}

/** What is less likely than this to come about by chance, for any of the values that were tried, is no chance. */
const CHANCE_MAX = 0.001;

/**
 * The attribute whose values tell best whether the reaction comes. A value says so only with enough runs, and when
 * chance does not explain it: of many attributes some will seem to know something. Depends on the set of openings only.
 *
 * @returns null when none does.
 */
export function conditionOf(told: readonly Told[], search: Search): Condition | null {
  const groups = groupsOf(told);
  const hits = told.reduce((sum, { isHit }) => sum + (isHit ? 1 : 0), 0);
  const share = hits / told.length;
  let tried = 0;
  for (const byValue of groups.values()) tried += byValue.size;
  let best: { condition: Condition; covered: number } | null = null;
  for (const [attribute, byValue] of groups) {
    const [always, never] = [new Map<string, Group>(), new Map<string, Group>()];
    for (const [value, group] of byValue) {
      const count = group.hits + group.misses;
      if (count < search.minSamples) continue;
      const isCertain =
        group.hits >= search.probability * count &&
        tried * chanceOfAtMost(group.misses, count, 1 - share) < CHANCE_MAX;
      const isAbsent =
        group.hits <= (1 - search.probability) * count &&
        2 * group.spells >= search.minSamples &&
        tried * chanceOfAtMost(group.hits, count, share) < CHANCE_MAX;
      if (isCertain) always.set(value, group);
      else if (isAbsent) never.set(value, group);
    }
    const isExcluding = search.wanted === 'excluding';
    const chosen = isExcluding ? never : always;
    if (chosen.size === 0) continue;
    const covered =
      [...always.values()].reduce((sum, group) => sum + group.hits, 0) +
      [...never.values()].reduce((sum, group) => sum + group.misses, 0);
    const isBetter =
      best === null ||
      covered > best.covered ||
      (covered === best.covered && attribute < best.condition.attribute);
    if (!isBetter) continue;
    best = { condition: { attribute, values: [...chosen.keys()].sort(), isExcluding }, covered };
  }
  return best?.condition ?? null;
}

/** By attribute and value; without attributes that have too many values to say anything. */
function groupsOf(told: readonly Told[]): Map<string, Map<string, Group>> {
  const groups = new Map<string, Map<string, Group>>();
  let wasHit = true;
  for (const { opening, isHit } of told) {
    const { facets } = opening;
    const begins = !isHit && wasHit ? 1 : 0;
    wasHit = isHit;
    for (let at = 0; at < facets.length; at += 2) {
      const [attribute, value] = [facets[at] as string, facets[at + 1] as string];
      const byValue = groups.get(attribute) ?? new Map<string, Group>();
      groups.set(attribute, byValue);
      if (byValue.size > LIMITS.learnFacetValuesMax) continue;
      const group = byValue.get(value) ?? { hits: 0, misses: 0, spells: 0 };
      if (isHit) group.hits += 1;
      else group.misses += 1;
      group.spells += begins;
      byValue.set(value, group);
    }
  }
  for (const [attribute, byValue] of groups) {
    if (byValue.size > LIMITS.learnFacetValuesMax) groups.delete(attribute);
  }
  return groups;
}

/** How likely at most `few` of `count` are so where each is with the probability `p`: the binomial distribution. */
function chanceOfAtMost(few: number, count: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return few >= count ? 1 : 0;
  const [logP, logQ] = [Math.log(p), Math.log(1 - p)];
  let logTerm = count * logQ;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= few; k += 1) {
    logTerm += Math.log((count - k + 1) / k) + logP - logQ;
    sum += Math.exp(logTerm);
  }
  return sum;
}
