import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { invariant } from '@throughline/model/invariant';
import { Fault } from '../../errors.js';

export interface Migration {
  /** 1, 2, 3 … */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export interface MigrateOptions {
  readonly migrations: readonly Migration[];
  readonly appliedAt: string;
  /** Called once before the first change to a store that already holds something; throwing stops everything. */
  readonly backUp: (fromNumber: number) => void;
}

interface AppliedRow {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings the schema to the newest number, one transaction per migration, forward only.
 *
 * @throws Fault STORE_NEWER when the file knows a migration that this program does not, or knows it differently.
 */
export function migrate(db: Database, { migrations, appliedAt, backUp }: MigrateOptions): void {
  invariant(
    migrations.every(({ number }, index) => number === index + 1),
    'migrations are numbered 1, 2, 3 … without gaps',
  );
  const applied = refuseUnknownSchema(db, migrations);
  const missing = migrations.slice(applied.length);
  if (missing.length === 0) return;
  if (applied.length > 0) backUp(applied.length);
  for (const migration of missing) apply(db, migration, appliedAt);
}

/** @throws Fault STORE_NEWER like `migrate`; changes nothing. @returns the migrations that the file has. */
export function refuseUnknownSchema(
  db: Database,
  migrations: readonly Migration[],
): readonly AppliedRow[] {
  const applied = appliedMigrations(db);
  refuseUnknown(db, applied, migrations);
  return applied;
}

function appliedMigrations(db: Database): readonly AppliedRow[] {
  const known = db
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'")
    .get();
  if (known === undefined) return [];
  return db
    .prepare<[], AppliedRow>('SELECT number, name, checksum FROM migration ORDER BY number')
    .all();
}

function refuseUnknown(
  db: Database,
  applied: readonly AppliedRow[],
  migrations: readonly Migration[],
): void {
  const newest = applied.at(-1);
  if (newest !== undefined && newest.number > migrations.length) {
    throw new Fault(
      'STORE_NEWER',
      `${db.name} has schema ${newest.number} (${newest.name}); this version knows ${migrations.length}.`,
    );
  }
  for (const [index, row] of applied.entries()) {
    const known = migrations[index];
    if (known !== undefined && row.number === known.number && row.checksum === checksum(known)) {
      continue;
    }
    throw new Fault(
      'STORE_NEWER',
      `${db.name} was made by another build: its migration ${row.number} (${row.name}) is not the one known here.`,
    );
  }
}

function apply(db: Database, migration: Migration, appliedAt: string): void {
  db.transaction(() => {
    db.exec(`CREATE TABLE IF NOT EXISTS migration (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL
    ) STRICT`);
    db.exec(migration.sql);
    db.prepare(
      'INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)',
    ).run(migration.number, migration.name, checksum(migration), appliedAt);
  }).exclusive();
}

function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}
