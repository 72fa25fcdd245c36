declare const bit: unique symbol;
/** Names of attributes that are read together, as one bit. */
export type AttributeFamily = number & { readonly [bit]: true };

const FAMILIES_MAX = 31;

/** Filled with the names that the rooms ask for, never with foreign text. */
const familiesOfName = new Map<string, number>();
let count = 0;

/** Most spans have no attribute of most families: one look at each of their names spares the questions for the rest. */
export function attributeFamily(...names: readonly string[]): AttributeFamily {
  if (count === FAMILIES_MAX) throw new RangeError('there are more families than bits');
  const own = 1 << count;
  count += 1;
  for (const name of names) familiesOfName.set(name, (familiesOfName.get(name) ?? 0) | own);
  return own as AttributeFamily;
}

/** The bits of all families of which some name is there. */
export function familiesAmong(names: Iterable<string>): number {
  let all = 0;
  for (const name of names) all |= familiesOfName.get(name) ?? 0;
  return all;
}
