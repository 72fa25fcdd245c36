import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../errors.js';

/**
 * The compiled file of a thread. Threads always run compiled code: when this file itself is read as TypeScript
 * (tests), it is the one that the build left in `dist`, because Node 20 cannot run TypeScript.
 */
export function threadFile(name: './writer-thread.js' | './reader-thread.js'): URL {
  const here = import.meta.url;
  const compiled = here.endsWith('.ts')
    ? here.replace('/collector/src/', '/collector/dist/')
    : here;
  const file = new URL(name, compiled);
  if (!existsSync(file)) {
    throw new Fault('INTERNAL', `${fileURLToPath(file)} is missing: run \`npm run build\` first.`);
  }
  return file;
}
