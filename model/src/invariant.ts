/** A broken invariant is a fault of ours, never of the input: the message says so. */
export function invariant(holds: unknown, statement: string): asserts holds {
  if (!holds) throw new Error(`BUG: it must hold that ${statement}`);
}

/** The end of a `switch` over a union. */
export function unreachable(value: never): never {
  throw new Error(`BUG: unexpected ${JSON.stringify(value)}`);
}
