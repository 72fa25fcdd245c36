#!/usr/bin/env node
// Committed, so that npm can link the command before anything is built.
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error(
    'throughline is not built yet: run `npm run build` in its repository, then try again.',
  );
  process.exitCode = 1;
}
