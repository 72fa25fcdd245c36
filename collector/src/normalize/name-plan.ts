import type { NamePlaces } from '../wire.js';
import { familiesAmong } from './attribute-family.js';
import type { Spelling } from './spelling.js';

/** Says of a name whether it is of some kind. */
export type NamePattern = (name: string) => boolean;

const NOWHERE: readonly number[] = [];

/**
 * What this room asks of the names of a span, answered once for all spans that have the same names in the same order:
 * then only values are looked at, each at its place.
 */
export class NamePlan {
  readonly names: readonly string[];
  /** The bits of all families of which some name is there. */
  readonly families: number;
  /** Whether any name is that of a captured header of a message. */
  readonly hasHeaders: boolean;
  readonly #places: NamePlaces;
  readonly #spelt: (readonly number[] | undefined)[] = [];
  readonly #matching = new Map<NamePattern, readonly number[]>();

  constructor(places: NamePlaces) {
    this.#places = places;
    this.names = places.names;
    this.families = familiesAmong(this.names);
    this.hasHeaders = this.names.some(isHeader);
  }

  /** Where the names of the spelling stand, the one that counts first. */
  placesOf(spelling: Spelling): readonly number[] {
    return (this.#spelt[spelling.number] ??= listed(
      spelling.names.map((name) => this.#places.placeOf(name)),
    ));
  }

  /** Where names of the kind stand, as the span has them. There are few patterns, each a constant. */
  matching(pattern: NamePattern): readonly number[] {
    const known = this.#matching.get(pattern);
    if (known !== undefined) return known;
    const found = listed(this.names.map((name, place) => (pattern(name) ? place : undefined)));
    this.#matching.set(pattern, found);
    return found;
  }
}

function listed(places: readonly (number | undefined)[]): readonly number[] {
  const found = places.filter((place) => place !== undefined);
  return found.length === 0 ? NOWHERE : found;
}

export function isHeader(name: string): boolean {
  return name.includes('.header');
}

const plans = new WeakMap<NamePlaces, NamePlan>();

/** The plan for a list of names: the very same one for the very same list. */
export function planOf(places: NamePlaces): NamePlan {
  let plan = plans.get(places);
  if (plan === undefined) plans.set(places, (plan = new NamePlan(places)));
  return plan;
}
