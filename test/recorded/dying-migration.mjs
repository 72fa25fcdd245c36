// Begins a migration that would follow on the given schema, and is killed when half of it is done.
import { kill, pid } from 'node:process';
import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrate } from '../../collector/dist/store/sqlite/migrate.js';
import { MIGRATIONS } from '../../collector/dist/store/sqlite/migrations/migrations.js';

const [folder, schema] = process.argv.slice(2);
const path = `${folder}/facts.db`;
const db = new Database(path);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
// Pages that are changed and do not fit are written before the end: a crash then finds them in the journal.
db.pragma('cache_size = 2');
db.function('die', () => kill(pid, 'SIGKILL'));
const number = Number(schema) + 1;
const sql = `
  ALTER TABLE body ADD COLUMN half TEXT NOT NULL DEFAULT 'done';
  UPDATE body SET body = randomblob(100000);
  SELECT die();
  DROP TABLE body;
`;
migrate(db, {
  migrations: [...MIGRATIONS.slice(0, Number(schema)), { number, name: 'half', sql }],
  appliedAt: '2027-01-01T00:00:00Z',
  backUp: (from) => copyFileSync(path, `${path}.schema-${from}.backup`),
});
