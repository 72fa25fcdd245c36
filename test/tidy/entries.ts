import { posix } from 'node:path';
import ts from 'typescript';
import { entriesOf, importsOf } from './imports.js';
import { isTest, sourceAt, sourceFiles, textOf, treeOf } from './source-tree.js';

/** Files that something outside the tree of imports starts, each with who does. */
export const STARTED_FROM_OUTSIDE: Readonly<Record<string, string>> = {
  'ui/src/main.tsx': 'ui/index.html loads it',
  'ui/public/theme-boot.js': 'ui/index.html loads it before the first paint',
  'eslint.config.js': 'npm run lint',
  'vitest.config.ts': 'npm test',
  'vitest.systems.config.ts': 'npm run test:systems',
  'ui/vite.config.ts': 'npm run build',
};

/** The files that a file imports, or names in a string: workers, child processes, migrations. */
export function namedBy(path: string): readonly string[] {
  const imported = importsOf(path).map(({ target }) => target);
  const named: (string | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) named.push(fileNamed(path, node.text));
    ts.forEachChild(node, visit);
  };
  visit(treeOf(path));
  return [...imported, ...named].filter((target) => target !== undefined);
}

/** `./worker.js` beside the file, or a path from the root of a package that ends so. */
function fileNamed(from: string, text: string): string | undefined {
  if (!/^[\w@./-]+\.[mc]?[jt]sx?$/.test(text)) return undefined;
  return (
    sourceAt(posix.join(posix.dirname(from), text)) ?? sourceAt(text.replace('/dist/', '/src/'))
  );
}

export const importGraph: ReadonlyMap<string, readonly string[]> = new Map(
  sourceFiles.map((path) => [path, namedBy(path)]),
);

/** What runs without any test: entries of the packages, the programs, the configurations of tools. */
export function shippedEntries(): readonly string[] {
  const packages = (JSON.parse(textOf('package.json')) as { workspaces: string[] }).workspaces;
  return [...packages.flatMap(entriesOf), ...Object.keys(STARTED_FROM_OUTSIDE)];
}

export function testEntries(): readonly string[] {
  return sourceFiles.filter((path) => isTest(path) && /\.(test|bench|test-d)\.tsx?$/.test(path));
}
