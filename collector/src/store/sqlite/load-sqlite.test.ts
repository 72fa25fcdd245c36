import { expect, it } from 'vitest';
import { loadSqlite, sqliteRefusal } from './load-sqlite.js';

it('a better-sqlite3 that would crash this Node is refused with one sentence that says what to do', () => {
  const refusal = sqliteRefusal({ sqliteVersion: '13.2.0', node: '20.20.2', napi: '9' });
  expect(refusal).toMatch(/13\.2\.0 cannot run on Node 20\.20\.2: install Node 22\.14/);
  expect(sqliteRefusal({ sqliteVersion: '13.2.0', node: '22.14.0', napi: '10' })).toBeNull();
  expect(sqliteRefusal({ sqliteVersion: '12.11.1', node: '20.20.2', napi: '9' })).toBeNull();
});

it('the installed pair runs', async () => {
  const Database = await loadSqlite();
  const db = new Database(':memory:');
  expect(db.prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
  db.close();
});
