/** Reading of documents that others wrote: whatever is not as expected is absent, never a crash. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function treeOf(value: unknown): Tree {
  return isTree(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text of a name or id; undefined when it is none. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const REFERENCES_MAX = 32;

/**
 * What a local `$ref` (RFC 6901 pointer behind `#`) leads to, through as many references as there are. A
 * reference into another document or in a circle leads nowhere.
 */
export function resolved(root: Tree, value: unknown): unknown {
  let at = value;
  for (let hops = 0; hops < REFERENCES_MAX; hops++) {
    const pointer = pointerOf(at);
    if (pointer === undefined) return at;
    at = pointer.reduce<unknown>((tree, part) => own(treeOf(tree), part), root);
  }
  return undefined;
}

/** The parts of a local `$ref`; undefined when the value is no reference. */
export function pointerOf(value: unknown): readonly string[] | undefined {
  const reference = isTree(value) ? textOf(value['$ref']) : undefined;
  if (reference === undefined) return undefined;
  const pointer = reference.slice(reference.indexOf('#') + 1);
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function own(tree: Tree, name: string): unknown {
  return Object.hasOwn(tree, name) ? tree[name] : undefined;
}
