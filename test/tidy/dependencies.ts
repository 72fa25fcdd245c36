import { importsOf } from './imports.js';
import { isTest, repositoryFiles, sourceFiles, textOf } from './source-tree.js';

/** Dependencies that something other than an import needs, each with its reason. */
const NEEDED_OTHERWISE: Readonly<Record<string, string>> = {};

/** Dependencies of a package (`package.json`) that none of its own sources imports. */
export function unusedDependencies(name: string): readonly string[] {
  const manifest = JSON.parse(textOf(`${name}/package.json`)) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const used = importedBy(name);
  return Object.keys(manifest.dependencies ?? {})
    .filter((dependency) => !(dependency in NEEDED_OTHERWISE))
    .filter((dependency) => ![...used].some((one) => startsWith(one, dependency)))
    .map((dependency) => `${name} does not import ${dependency}`);
}

function importedBy(name: string): ReadonlySet<string> {
  const scripts = sourceFiles
    .filter((path) => path.startsWith(`${name}/src/`) && !isTest(path))
    .flatMap(importsOf)
    .map(({ specifier }) => specifier);
  const styles = repositoryFiles
    .filter((path) => path.startsWith(`${name}/src/`) && path.endsWith('.css'))
    .flatMap((path) => [...textOf(path).matchAll(/@import\s+(?:url\()?['"]([^'"]+)['"]/g)])
    .map(([, specifier = '']) => specifier);
  return new Set([...scripts, ...styles]);
}

function startsWith(specifier: string, dependency: string): boolean {
  return specifier === dependency || specifier.startsWith(`${dependency}/`);
}
