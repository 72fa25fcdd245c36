import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANY_RUN } from '../../../query/run-filter.js';
import type { Archives } from '../../run-archive.js';
import { loadSqlite } from '../load-sqlite.js';
import { openArchives } from './open-archive.js';

let folder: string;
const opened: Archives[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-archive-'));
});
afterEach(() => {
  for (const archives of opened.splice(0)) archives.close();
  rmSync(folder, { recursive: true });
});

async function open(warnings: string[]): Promise<Archives> {
  const archives = await openArchives({
    folder,
    identity: 'facts',
    newestBodyId: 9,
    onWarning: (text) => void warnings.push(text),
  });
  opened.push(archives);
  return archives;
}

test('an archive with a block that cannot be read answers without it, and is made anew at the next start', async () => {
  const first = await open([]);
  const archive = first.begin('policy');
  archive.put([{ runs: [], bodyIds: [1], ties: ['ka'], isInMemory: false }], { neededBodyId: 1 });
  first.keep(archive);
  first.close();
  const Database = await loadSqlite();
  const db = new Database(join(folder, 'runs-1.db'));
  db.prepare('UPDATE block SET families = ?').run(Buffer.alloc(300, 7));
  db.close();

  const warnings: string[] = [];
  const second = await open(warnings);
  const reopened = second.reopen('policy');
  expect(reopened?.family(reopened.withTie('ka')[0] ?? 0)).toBeUndefined();
  expect(reopened?.facets(ANY_RUN).total).toBe(0);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('runs-1.db is damaged');
  second.close();

  const third = await open([]);
  expect(third.reopen('policy')).toBeUndefined();
});
