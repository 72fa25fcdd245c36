import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders and endings that .gitignore names: what a build, a test or a run leaves behind. */
function ignored(): (path: string) => boolean {
  const lines = readFileSync(join(root, '.gitignore'), 'utf8').split('\n').filter(Boolean);
  return (path) =>
    path === '.git' ||
    lines.some((line) => {
      if (line.startsWith('*')) return path.endsWith(line.slice(1));
      const name = line.replace(/\/$/, '');
      return name.startsWith('/') ? path === name.slice(1) : posix.basename(path) === name;
    });
}

function walk(folder: string, isIgnored: (path: string) => boolean): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (isIgnored(path)) return [];
    if (entry.isDirectory()) return walk(path, isIgnored);
    return entry.isFile() ? [path] : [];
  });
}

/** Every file of the repository, as a path from its root. */
export const repositoryFiles: readonly string[] = walk('', ignored()).sort();
const known = new Set(repositoryFiles);

const texts = new Map<string, string>();
export function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8');
  texts.set(path, text);
  return text;
}

export function exists(path: string): boolean {
  return known.has(path) || isFolder(path);
}

function isFolder(path: string): boolean {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  return stat?.isDirectory() ?? false;
}

export const sourceFiles = repositoryFiles.filter(
  (path) => /\.(ts|tsx|mts|cts|js|mjs|cjs)$/.test(path) && !path.startsWith('fixtures/recorded/'),
);

/** A test, a shared case file or a type test: it may import what it tests, wherever that lies. */
export function isTest(path: string): boolean {
  return /\.(test|case|bench|test-d)\.tsx?$/.test(path) || /^(test|bench)\//.test(path);
}

const trees = new Map<string, ts.SourceFile>();
export function treeOf(path: string): ts.SourceFile {
  const tree =
    trees.get(path) ??
    ts.createSourceFile(path, textOf(path), {
      languageVersion: ts.ScriptTarget.ES2023,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    });
  trees.set(path, tree);
  return tree;
}

/** The source file that a path means, be it written with `.js`, without ending or as it lies there. */
export function sourceAt(path: string): string | undefined {
  const stem = path.replace(/\.(m|c)?jsx?$/, '');
  return [path, `${stem}.ts`, `${stem}.tsx`, `${stem}.mts`, `${stem}.cts`, `${path}.ts`].find((p) =>
    known.has(p),
  );
}
