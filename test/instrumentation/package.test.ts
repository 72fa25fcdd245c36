import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VERSION } from '../../instrumentation/src/version.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const pkgDir = join(root, 'instrumentation');

let folder: string;
let tarball: string;
let packed: readonly string[];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-pack-'));
  const options = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', options, { cwd: pkgDir });
  const [made] = JSON.parse(stdout) as [Packed];
  tarball = join(folder, made.filename);
  packed = made.files.map(({ path }) => path);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('publint finds nothing to say about the package', async () => {
  const { messages } = await publint({ pkgDir, level: 'suggestion', strict: true });
  expect(messages).toEqual([]);
});

it('types and code resolve alike for ES modules, CommonJS and bundlers (attw)', async () => {
  const attw = join(root, 'node_modules', '.bin', 'attw');
  // `/register` is for `node --import` and `--require`; resolution as of Node 10 has no use for it.
  const { stdout } = await run(attw, [tarball, '--format', 'json', '--profile', 'node16']);
  const { analysis } = JSON.parse(stdout) as {
    analysis: { types: unknown; problems: readonly { kind: string; resolutionKind?: string }[] };
  };
  expect(analysis.types).toEqual({ kind: 'included' });
  const problems = analysis.problems.filter(({ resolutionKind }) => resolutionKind !== 'node10');
  expect(problems).toEqual([]);
});

it('holds both builds, their types and the README, and no tests, maps or build state', () => {
  for (const path of ['dist/index', 'dist/register', 'cjs/dist/index', 'cjs/dist/register']) {
    expect(packed).toEqual(expect.arrayContaining([`${path}.js`, `${path}.d.ts`]));
  }
  expect(packed).toEqual(expect.arrayContaining(['README.md', 'cjs/package.json']));
  expect(packed.filter((path) => /\.test\.|\.map$|tsbuildinfo|\/src\//.test(path))).toEqual([]);
});

it('says its own version on its spans', async () => {
  const manifest = JSON.parse(await readFile(join(pkgDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(VERSION).toBe(manifest.version);
});
