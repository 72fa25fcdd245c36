import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

type Reporters = NonNullable<NonNullable<ViteUserConfig['test']>['reporters']>;

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests read the sources of the workspace packages, so that a failing test points at the line to mend. */
export const sourceAliases = [
  { find: /^@throughline\/model\/(.*)$/, replacement: `${root}model/src/$1.ts` },
  { find: /^@throughline\/fixtures\/(.*)$/, replacement: `${root}fixtures/src/$1.ts` },
  { find: /^@throughline\/collector$/, replacement: `${root}collector/src/server.ts` },
  { find: /^@throughline\/collector\/(.*)$/, replacement: `${root}collector/src/$1.ts` },
];

/** `.ci/run` reads how many tests passed, failed and were skipped from the file named here. */
const reportFile = process.env['TEST_REPORT'];
export const reporters: Reporters =
  reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]];

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    include: ['{model,instrumentation,collector,ui,fixtures,test,bench}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/systems/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters,
  },
});
