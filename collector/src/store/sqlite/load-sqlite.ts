import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { Fault } from '../../errors.js';

export type Sqlite = typeof BetterSqlite3;

/**
 * Loads better-sqlite3 after checking that this Node can run it: version 13 on a Node without Node-API 10 does
 * not fail, it ends the process with a segmentation fault.
 *
 * @throws Fault STORE_UNAVAILABLE
 */
export async function loadSqlite(): Promise<Sqlite> {
  const { version } = createRequire(import.meta.url)('better-sqlite3/package.json') as {
    version: string;
  };
  const refusal = sqliteRefusal({ sqliteVersion: version, ...process.versions });
  if (refusal !== null) throw new Fault('STORE_UNAVAILABLE', refusal);
  return (await import('better-sqlite3')).default;
}

/** @returns one sentence when this pair would crash, else null. */
export function sqliteRefusal(versions: {
  readonly sqliteVersion: string;
  readonly node: string;
  readonly napi?: string;
}): string | null {
  const isBuiltForNapi10 = Number.parseInt(versions.sqliteVersion, 10) >= 13;
  if (!isBuiltForNapi10 || Number(versions.napi ?? 0) >= 10) return null;
  return (
    `better-sqlite3 ${versions.sqliteVersion} cannot run on Node ${versions.node}: ` +
    'install Node 22.14 or newer, or run `npm install better-sqlite3@12` here.'
  );
}
