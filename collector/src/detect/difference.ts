import type { Difference } from '@throughline/model/finding';
import { falseDiscoveryRates, fisherGreater } from './fisher.js';
import { traitOf } from './trait.js';

/** Fewer runs than these on either side are not compared. */
const RUNS_MIN = 3;
const PEERS_MIN = 10;
/** What fewer runs show is not looked at; the bound does not know who of them is held up. */
const SHOWN_MIN = 3;
/** Of the differences that are told, so many may be chance. */
const FALSE_DISCOVERIES_MAX = 0.05;
/** It has to be much more frequent, and in a good part of the runs, to be of use to anybody. */
const LIFT_MIN = 1.5;
const SHARE_MIN = 0.3;
const TOLD_MAX = 5;

/** Runs, each with its traits. */
export type Cohort = readonly (readonly string[])[];

/**
 * What the runs that are held up have more often than their peers that passed the same place. Each trait is tested
 * exactly, all tests are corrected together, and the ones that say most come first.
 */
export function differencesOf(held: Cohort, peers: Cohort): readonly Difference[] {
  if (held.length < RUNS_MIN || peers.length < PEERS_MIN) return [];
  const here = tally(held);
  const there = tally(peers);
  const tested = [...new Set([...here.keys(), ...there.keys()])]
    .filter((trait) => (here.get(trait) ?? 0) + (there.get(trait) ?? 0) >= SHOWN_MIN)
    .sort();
  const pValues = tested.map((trait) =>
    fisherGreater({
      hits: here.get(trait) ?? 0,
      of: held.length,
      otherHits: there.get(trait) ?? 0,
      otherOf: peers.length,
    }),
  );
  const rates = falseDiscoveryRates(pValues);
  const found = tested.map((trait, index) => ({
    ...traitOf(trait),
    held: { count: here.get(trait) ?? 0, of: held.length },
    peers: { count: there.get(trait) ?? 0, of: peers.length },
    testCount: tested.length,
    chance: rates[index] ?? 1,
  }));
  return withoutEchoes(found.filter(isTelling).sort(byWeight)).slice(0, TOLD_MAX);
}

function tally(cohort: Cohort): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const traits of cohort) {
    for (const trait of traits) counts.set(trait, (counts.get(trait) ?? 0) + 1);
  }
  return counts;
}

function isTelling({ held, peers, chance }: Difference): boolean {
  const share = held.count / held.of;
  return (
    chance <= FALSE_DISCOVERIES_MAX &&
    share >= SHARE_MIN &&
    share >= LIFT_MIN * (peers.count / peers.of)
  );
}

function byWeight(a: Difference, b: Difference): number {
  if (a.chance !== b.chance) return a.chance - b.chance;
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf({ attribute, of, value }: Difference): string {
  return `${attribute} ${of ?? ''} ${value}`;
}

/** A new version runs in new instances: what the very same runs show says one thing, and the first by name says it. */
function withoutEchoes(differences: readonly Difference[]): Difference[] {
  const said = new Set<string>();
  return differences.filter(({ held, peers, of }) => {
    const key = `${of ?? ''} ${held.count} ${peers.count}`;
    if (said.has(key)) return false;
    said.add(key);
    return true;
  });
}
