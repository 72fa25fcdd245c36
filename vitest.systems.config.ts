import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { defineConfig } from 'vitest/config';
import { reporters, sourceAliases } from './vitest.config.js';

/** Written by `test/systems/up`: the addresses of the real brokers and of the Python interpreter. */
const addresses = fileURLToPath(new URL('.cache/systems/env', import.meta.url));

function readAddresses(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(addresses, 'utf8'));
  } catch (cause) {
    throw new Error('No real systems are up. Start them with: bash test/systems/up', { cause });
  }
}

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    include: ['test/systems/**/*.test.ts'],
    env: readAddresses() as Record<string, string>,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
    reporters,
  },
});
