import { posix } from 'node:path';
import ts from 'typescript';
import { entriesOf, importsOf } from './imports.js';
import { isTest, sourceAt, sourceFiles, textOf, treeOf } from './source-tree.js';

/** Files that something outside the tree of imports starts, each with who does. */
export const STARTED_FROM_OUTSIDE: Readonly<Record<string, string>> = {
  'ui/src/main.tsx': 'ui/index.html loads it',
  'ui/public/theme-boot.js': 'ui/index.html loads it before the first paint',
  'collector/bin/throughline.js': 'the command `throughline`',
  'eslint.config.js': 'npm run lint',
  'vitest.config.ts': 'npm test',
  'vitest.systems.config.ts': 'npm run test:systems',
  'ui/vite.config.ts': 'npm run build',
  'bench/src/main.ts': 'npm run bench',
  'bench/src/accuracy/main.ts': 'npm run bench:accuracy',
};

/** Files of the product that only tests reach, each with its reason. */
export const MADE_FOR_TESTS: Readonly<Record<string, string>> = {
  'collector/src/stitch/canonical-dump.ts': 'how tests compare runs byte for byte',
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

const programs = sourceFiles.filter((path) => /^test\/.*\.[mc]js$/.test(path));

/**
 * `./worker.js` beside the file, a path from the root of a package that ends so, or, in tests, the bare name of a
 * program that lies in a folder beside the test: `'shop'` is `services/shop.mjs`.
 */
function fileNamed(from: string, text: string): string | undefined {
  const folder = posix.dirname(from);
  if (/^[\w@./-]+\.[mc]?[jt]sx?$/.test(text)) {
    const beside = posix.join(folder, text).replace('/dist/', '/src/');
    const found = sourceAt(beside) ?? sourceAt(text.replace('/dist/', '/src/'));
    if (found !== undefined) return found;
  }
  if (!isTest(from)) return undefined;
  const [, name] = /^([a-z0-9-]+)(?:\.[mc]js)?$/.exec(text) ?? [];
  return programs.find(
    (path) => posix.dirname(posix.dirname(path)) === folder && posix.parse(path).name === name,
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
