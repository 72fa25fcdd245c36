import { describe, expect, it } from 'vitest';
import { LIMITS } from '../collector/src/limits.js';
import { LINES_PER_FILE_MAX, oversizedFunctions } from './tidy/budgets.js';
import { anchorsOf, brokenLinks, documents } from './tidy/documents.js';
import {
  importGraph,
  MADE_FOR_TESTS,
  shippedEntries,
  STARTED_FROM_OUTSIDE,
  testEntries,
} from './tidy/entries.js';
import { IMPORT_RULES } from './tidy/import-rules.js';
import { unusedDependencies } from './tidy/dependencies.js';
import { cycles, importsOf, importTable, reachable, refusal } from './tidy/imports.js';
import { leftovers, LEFTOVERS } from './tidy/leftovers.js';
import { exists, isTest, repositoryFiles, sourceFiles, textOf } from './tidy/source-tree.js';

/** How docs/operating.md shows a limit: bytes in MiB or KiB, everything else as it is. */
function limitRow(name: string, value: number): string {
  if (name === 'spansInMemoryMax') return `| \`${name}\` | by the heap |`;
  const isMega = value >= 2 ** 20;
  const bytes = isMega ? `${String(value / 2 ** 20)} MiB` : `${String(value / 2 ** 10)} KiB`;
  return `| \`${name}\` | ${name.includes('Bytes') ? bytes : value.toLocaleString('en-US')} |`;
}

const shipped = sourceFiles.filter((path) => /^[a-z]+\/src\//.test(path) && !isTest(path));
const ownPackages = ['model', 'instrumentation', 'collector', 'ui', 'fixtures'];

describe('imports', () => {
  it('follow the table of folders', () => {
    expect(shipped.flatMap(importsOf).map(refusal).filter(Boolean)).toEqual([]);
  });

  it('of a stage by another stage are refused, and so is code where only types are allowed', () => {
    const from = 'collector/src/detect/stalled-run.ts';
    const use = { from, specifier: '../x.js', isTypeOnly: false };
    expect(refusal({ ...use, target: 'collector/src/stitch/stitch.ts' })).toContain('may not');
    expect(refusal({ ...use, target: 'collector/src/detect/x.ts' })).toBeUndefined();
    expect(refusal({ ...use, target: 'model/src/run.ts' })).toBeUndefined();
    const store = { ...use, from: 'collector/src/store/x.ts', target: 'collector/src/wire.ts' };
    expect(refusal(store)).toContain('may not');
    expect(refusal({ ...store, isTypeOnly: true })).toBeUndefined();
    const library = { ...use, target: undefined, specifier: 'express' };
    expect(refusal(library)).toContain('as code');
  });

  it('go round in no circle when they are loaded', () => {
    const loads = (path: string): string[] =>
      importsOf(path)
        .filter(({ isTypeOnly }) => !isTypeOnly)
        .flatMap(({ target }) => target ?? []);
    expect(cycles(new Map(shipped.map((path) => [path, loads(path)])))).toEqual([]);
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]);
    expect(cycles(circle)).toEqual(['b → c → b']);
  });

  it('stand in ARCHITECTURE.md as they stand in the data', () => {
    expect(textOf('ARCHITECTURE.md')).toContain(importTable());
  });

  it('have a rule for folders that exist only', () => {
    expect(IMPORT_RULES.map(({ folder }) => folder).filter((path) => !exists(path))).toEqual([]);
  });
});

describe('dependencies', () => {
  it('of a package are imported by it', () => {
    expect(ownPackages.flatMap(unusedDependencies)).toEqual([]);
  });
});

describe('sizes', () => {
  it(`keep every file within ${String(LINES_PER_FILE_MAX)} lines`, () => {
    const heaps = sourceFiles
      .map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines > LINES_PER_FILE_MAX);
    expect(heaps).toEqual([]);
  });

  it('keep every function within 60 lines of code and three positional parameters', () => {
    expect(sourceFiles.flatMap(oversizedFunctions)).toEqual([]);
  });

  it('keep ARCHITECTURE.md within 200 lines', () => {
    expect(textOf('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(200);
  });
});

describe('files', () => {
  it('are all used by what is shipped, or by a test', () => {
    const used = reachable([...shippedEntries(), ...testEntries()], importGraph);
    expect(sourceFiles.filter((path) => !used.has(path))).toEqual([]);
  });

  it('of the product are not there for tests alone', () => {
    const used = reachable(shippedEntries(), importGraph);
    const rooms = /^(model|instrumentation|collector|ui)\//;
    const unused = shipped.filter((path) => rooms.test(path) && !used.has(path));
    expect(unused.filter((path) => !(path in MADE_FOR_TESTS))).toEqual([]);
    expect(Object.keys(MADE_FOR_TESTS).filter((path) => !unused.includes(path))).toEqual([]);
  });

  it('of style are all imported', () => {
    const imported = new Set([...importGraph.values()].flat());
    const sheets = repositoryFiles.filter((path) => /^ui\/src\/.*\.css$/.test(path));
    expect(sheets.filter((path) => !imported.has(path))).toEqual([]);
  });

  it('that are started from outside exist', () => {
    expect(Object.keys(STARTED_FROM_OUTSIDE).filter((path) => !exists(path))).toEqual([]);
  });

  it('are named in kebab-case, after one thing', () => {
    const drawers = /(^|[-./])(utils?|helpers?|common|manager|misc|types)([-./]|$)/;
    const isBarrel = (path: string): boolean =>
      /\/index\.[cm]?tsx?$/.test(path) && path !== 'instrumentation/src/index.ts';
    const badly = sourceFiles.filter(
      (path) => drawers.test(path) || isBarrel(path) || /[A-Z_]/.test(path),
    );
    expect(badly).toEqual([]);
  });

  it('that a compiler made do not lie beside their sources', () => {
    const made = repositoryFiles.filter(
      (path) =>
        /^[a-z]+\/src\/.*\.(js|d\.ts|map)$/.test(path) &&
        exists(path.replace(/\.(d\.ts|js)(\.map)?$/, '.ts')),
    );
    expect(made).toEqual([]);
  });
});

describe('leftovers', () => {
  it('are gone', () => {
    expect(leftovers()).toEqual([]);
  });

  it('would be found', () => {
    const samples = [
      'x // TO' + 'DO later',
      'it.on' + 'ly(',
      '/wo' + 'rk/main/a',
      'x as an' + 'y;',
    ];
    const missed = samples.filter((line) => !LEFTOVERS.some(({ pattern }) => pattern.test(line)));
    expect(missed).toEqual([]);
  });

  it('of a download are not in the lock file', () => {
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "(https?|git|file):/);
  });
});

describe('documents', () => {
  it('link only to what is there', () => {
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });

  it('have the anchors that GitHub gives them', () => {
    expect([...anchorsOf('README.md')]).toContain('acknowledgements');
  });

  it('begin with the two commands', () => {
    const readme = textOf('README.md');
    expect(readme).toContain('npm ci && npm run demo');
    expect(readme).toContain('npm ci && npm test');
  });

  it('index every decision', () => {
    const decisions = documents.filter((path) => /^docs\/decisions\/\d{4}-/.test(path));
    const index = textOf('docs/decisions/README.md');
    const missing = decisions.filter(
      (path) => !index.includes(path.replace('docs/decisions/', '')),
    );
    expect(missing).toEqual([]);
    expect(decisions.length).toBeGreaterThan(0);
  });

  it('name every limit of the collector with its value', () => {
    const operating = textOf('docs/operating.md');
    const rows = Object.entries(LIMITS).map(([name, value]) => limitRow(name, value));
    expect(rows.filter((row) => !operating.includes(row))).toEqual([]);
    const named = [...operating.matchAll(/^\| `(\w+(?:Max|Page|Ms))` \|/gm)].map(
      ([, name]) => name,
    );
    expect(named.filter((name = '') => !(name in LIMITS))).toEqual([]);
  });

  it('name every command that this version has', () => {
    const operating = textOf('docs/operating.md');
    const made = sourceFiles
      .filter((path) => path.startsWith('collector/src/cli/commands/') && !isTest(path))
      .flatMap((path) => [...textOf(path).matchAll(/\.command\('([a-z-]+)/g)]);
    expect(made.length).toBeGreaterThan(8);
    expect(
      made.map(([, name = '']) => name).filter((name) => !operating.includes(`\`${name}\``)),
    ).toEqual([]);
  });

  it('name every metric of the collector', () => {
    const made = [
      ...textOf('collector/src/metrics.ts').matchAll(/(?:\$\{PREFIX\}|gauge\(')([a-z_]+)/g),
    ];
    const operating = textOf('docs/operating.md');
    expect(made.length).toBeGreaterThan(5);
    const undocumented = ['build_info'];
    const names = made.map(([, name = '']) => name).filter((name) => !undocumented.includes(name));
    expect(names.filter((name) => !operating.includes(`throughline_${name}`))).toEqual([]);
  });

  it('give every package a licence that allows its use', () => {
    const licences = ownPackages.map(
      (name) => (JSON.parse(textOf(`${name}/package.json`)) as { license?: string }).license,
    );
    expect(new Set(licences)).toEqual(new Set(['Apache-2.0']));
  });
});
