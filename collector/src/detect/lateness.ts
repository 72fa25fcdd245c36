/** Runs since the first that shows something, that one included, and runs before it. */
export interface Halves {
  readonly since: number;
  readonly before: number;
}

/**
 * How likely it is that all of so many runs lie among the last ones, if each place in the row were as likely: small for
 * what is new, and not for what was always there and is rare.
 */
export function chanceOfLateness(count: number, { since, before }: Halves): number {
  let chance = 1;
  for (let each = 0; each < count && chance > 1e-12; each++) {
    chance *= Math.max(0, since - each) / (since + before - each);
  }
  return chance;
}
