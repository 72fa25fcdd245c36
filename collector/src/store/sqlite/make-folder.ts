import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './sqlite-fault.js';

/**
 * Makes a folder that only this user can read, and those above it. One by one, because Node 20 loops for ever in
 * `mkdirSync` with `recursive` where the system lets nobody make anything, such as below `/proc`.
 *
 * @throws the system's error when there is no such folder in the end.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it in between.
    if (codeOf(error) !== 'EEXIST' || !isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
