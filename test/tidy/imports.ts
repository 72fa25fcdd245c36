import { posix } from 'node:path';
import ts from 'typescript';
import { GROUPS, IMPORT_RULES, type GroupName, type ImportRule } from './import-rules.js';
import { sourceAt, textOf, treeOf } from './source-tree.js';

export interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  /** The file of this repository that is meant; undefined for a library. */
  readonly target: string | undefined;
}

/** Imports, re-exports and `import()` of literal names. */
export function importsOf(path: string): readonly Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (!node || !ts.isStringLiteralLike(node)) return;
    found.push({ from: path, specifier: node.text, isTypeOnly, target: resolve(path, node.text) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(treeOf(path));
  return found;
}

function isTypeImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return (
    !clause.name &&
    names !== undefined &&
    ts.isNamedImports(names) &&
    names.elements.length > 0 &&
    names.elements.every((element) => element.isTypeOnly)
  );
}

/** What `@throughline/<package>/<rest>` means, by the `exports` of that package. */
function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ''));
    return sourceAt(path) ?? path;
  }
  const own = /^@throughline\/([a-z]+)(?:\/(.+))?$/.exec(specifier);
  if (!own) return undefined;
  const [, name = '', rest] = own;
  return rest === undefined
    ? sourceAt(entriesOf(name)[0] ?? '')
    : (sourceAt(`${name}/src/${rest}.js`) ?? `${name}/src/${rest}`);
}

interface Manifest {
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
}

/** The source files behind a package's `exports` and `bin`; wildcards name no file and are left out. */
export function entriesOf(name: string): readonly string[] {
  const manifest = JSON.parse(textOf(`${name}/package.json`)) as Manifest;
  const paths = [...leaves(manifest.exports), ...Object.values(manifest.bin ?? {})];
  const sources = paths
    .filter((path) => path.includes('/dist/') && !path.includes('*') && !path.includes('.d.'))
    .map((path) => sourceAt(`${name}/src/${path.replace(/^.*?dist\/((esm|cjs)\/)?/, '')}`));
  return [...new Set(sources)].filter((path) => path !== undefined);
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [];
}

export function ruleOf(path: string): ImportRule | undefined {
  return [...IMPORT_RULES]
    .sort((a, b) => b.folder.length - a.folder.length)
    .find(({ folder, isFlat = false }) => {
      if (path === folder) return true;
      return isFlat ? posix.dirname(path) === folder : path.startsWith(`${folder}/`);
    });
}

/** @returns why the import is not allowed, or undefined when it is. */
export function refusal(use: Import): string | undefined {
  const rule = ruleOf(use.from);
  if (!rule) return `${use.from} lies in a folder without an import rule`;
  if (use.target !== undefined) {
    return mayImportFile(rule, use, use.target)
      ? undefined
      : `${use.from} may not import ${use.target}: ${rule.folder} may import ${words(rule)}`;
  }
  return mayImportLibrary(rule, use)
    ? undefined
    : `${use.from} may not import ${use.specifier}${use.isTypeOnly ? '' : ' (as code)'}`;
}

function mayImportFile(rule: ImportRule, use: Import, target: string): boolean {
  const groups = [...rule.may, ...(use.isTypeOnly ? (rule.mayTypes ?? []) : [])];
  return (
    ruleOf(target) === rule ||
    target.startsWith(`${rule.folder}/`) ||
    groups.some((group) => GROUPS[group].some((prefix) => target.startsWith(prefix)))
  );
}

function mayImportLibrary(rule: ImportRule, { specifier, isTypeOnly }: Import): boolean {
  if (specifier.startsWith('node:')) return rule.node === 'all' || !!rule.node?.includes(specifier);
  const names = [...(rule.libraries ?? []), ...(isTypeOnly ? (rule.libraryTypes ?? []) : [])];
  return names.some((name) =>
    name.endsWith('/')
      ? specifier.startsWith(name)
      : specifier === name || specifier.startsWith(`${name}/`),
  );
}

function words({ may, mayTypes = [] }: ImportRule): string {
  const typed = mayTypes.map((group: GroupName) => `types of ${group}`);
  return [...may, ...typed].join(', ') || 'nothing of ours';
}

/** The table as ARCHITECTURE.md shows it. */
export function importTable(): string {
  const rows = IMPORT_RULES.map((rule) => {
    const types = (rule.libraryTypes ?? []).map((name) => `types of ${name}`);
    const libraries = [...(rule.libraries ?? []), ...types].map((name) =>
      name.replace(/\/$/, '/*'),
    );
    const node = rule.node === 'all' ? ['node'] : (rule.node ?? []);
    const outside = [...libraries, ...node].join(', ') || 'nothing';
    return `| \`${rule.folder}\` | ${words(rule)} | ${outside} | ${rule.rule} |`;
  });
  return ['| folder | of ours | from outside | the rule |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** @returns the way round of each circle that was met. */
export function cycles(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) {
      found.push([...way.slice(at), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return [...new Set(found)];
}

export function reachable(
  entries: Iterable<string>,
  edges: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set<string>(entries);
  for (const path of seen) for (const next of edges.get(path) ?? []) seen.add(next);
  return seen;
}
