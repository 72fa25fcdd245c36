import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BodyReader } from './body-reader.js';
import type { FactFile } from './fact-file.js';
import type { Migration } from './migrate.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { openFactFile } from './open-fact-file.js';

const openedAt = '2026-01-01T00:00:00.000Z';
const next: Migration = {
  number: MIGRATIONS.length + 1,
  name: 'tenants',
  sql: "ALTER TABLE body ADD COLUMN tenant TEXT NOT NULL DEFAULT 'nobody';",
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-migrate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(migrations: readonly Migration[]): FactFile {
  const warn = (text: string): never => expect.fail(text);
  return openFactFile({
    folder,
    openedAt,
    migrations,
    wasUsed: false,
    reserveBytes: 8 * 1024 * 1024,
    warn,
  });
}

function fill(): void {
  const file = open(MIGRATIONS);
  const body = new TextEncoder().encode('{"resourceSpans":[]}');
  const like = { ask: 'append', format: 'otlp-json', contentEncoding: 'identity' } as const;
  file.write([{ ...like, seq: 1, receivedAtNs: 17n, spanCount: 3, body }]);
  file.close();
}

function look<T>(name: string, ask: (db: Database.Database) => T): T {
  const db = new Database(join(folder, name), { readonly: true });
  try {
    return ask(db);
  } finally {
    db.close();
  }
}

const columns = (db: Database.Database): unknown =>
  db.prepare("SELECT name FROM pragma_table_info('body')").pluck().all();

it('a store of the version before is carried over, with a backup beside it', () => {
  fill();
  open([...MIGRATIONS, next]).close();
  const bodies = look('facts.db', (db) => {
    expect(columns(db)).toContain('tenant');
    return new BodyReader(db, { afterId: 0, warn: (text) => expect.fail(text) }).nextBatch().bodies;
  });
  expect(bodies).toMatchObject([{ id: 1, receivedAtNs: 17n, spanCount: 3 }]);
  const backup = `facts.db.schema-${MIGRATIONS.length}.backup`;
  expect(readdirSync(folder)).toContain(backup);
  look(backup, (db) => {
    expect(columns(db)).not.toContain('tenant');
    expect(db.prepare('SELECT count(*) FROM body').pluck().get()).toBe(1);
  });
});

it('a new store needs no backup, and an up-to-date one none either', () => {
  open(MIGRATIONS).close();
  open(MIGRATIONS).close();
  expect(readdirSync(folder)).toEqual(['facts.db']);
});

it('a migration that fails half-way leaves everything as it was', () => {
  fill();
  const broken = { ...next, sql: `${next.sql} INSERT INTO nowhere VALUES (1);` };
  expect(() => open([...MIGRATIONS, broken])).toThrow('nowhere');
  look('facts.db', (db) => {
    expect(columns(db)).not.toContain('tenant');
    expect(db.prepare('SELECT max(number) FROM migration').pluck().get()).toBe(MIGRATIONS.length);
  });
  open(MIGRATIONS).close();
});

it('a migration that was edited after its release is refused', () => {
  fill();
  const [first] = MIGRATIONS;
  const edited = { ...first!, sql: `${first!.sql} -- edited` };
  expect(() => open([edited])).toThrow(/another build/);
});
