import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordedBody, recordedJson, recordedNames } from '@throughline/fixtures/recorded-input';
import { checkFacts } from '../../collector/src/cli/check-facts.js';
import { MIGRATIONS } from '../../collector/src/store/sqlite/migrations/migrations.js';
import { openFactFile } from '../../collector/src/store/sqlite/open-fact-file.js';
import { StoredFacts } from '../../collector/src/store/sqlite/stored-facts.js';
import { openCollector } from '../support/open-collector.js';

interface Truth {
  readonly bodies: number;
  readonly formats: Readonly<Record<string, number>>;
  readonly spans: number;
  readonly stored: number;
  readonly runs: number;
}

/** Every schema that a release had, the present one included: a new migration needs the file of the one before it. */
const SCHEMAS = MIGRATIONS.map(({ number }) => number);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function layDown(schema: number): void {
  writeFileSync(join(folder, 'facts.db'), recordedBody(`stores/schema-${schema}.db.gz`));
}

async function expectWhole(schema: number): Promise<void> {
  const truth = recordedJson(`stores/schema-${schema}.truth.json`) as Truth;
  const facts = await StoredFacts.open(join(folder, 'facts.db'));
  const report = checkFacts(facts, () => undefined);
  facts.close();
  expect(report).toMatchObject({
    ok: true,
    bodies: truth.bodies,
    bodiesByFormat: truth.formats,
    spans: truth.spans,
    faults: [],
  });
}

it('a store of every schema that was released is kept', () => {
  const kept = recordedNames('stores').filter((name) => name.endsWith('.db.gz'));
  expect(kept).toEqual(SCHEMAS.map((schema) => `stores/schema-${schema}.db.gz`));
});

describe.each(SCHEMAS)('a store of schema %i', (schema) => {
  it('is brought up to date with every body and record in it, and shows its runs', async () => {
    const truth = recordedJson(`stores/schema-${schema}.truth.json`) as Truth;
    layDown(schema);
    const collector = await openCollector({ dataFolder: folder });
    const { body } = await collector.get('/stats');
    const findings = await collector.get('/findings');
    await collector.close();
    expect(body).toMatchObject({ runs: truth.runs, total: { stored: truth.stored } });
    expect((findings.body as { items: unknown[] }).items.length).toBeGreaterThan(0);
    await expectWhole(schema);
    const facts = await StoredFacts.open(join(folder, 'facts.db'));
    expect(facts.schema).toBe(MIGRATIONS.length);
    facts.close();
  });

  it('survives kill -9 in the middle of the next migration, and is usable by the version before', async () => {
    layDown(schema);
    const { signal } = spawnSync(process.execPath, [DYING, folder, String(schema)]);
    expect(signal).toBe('SIGKILL');
    expect(readdirSync(folder)).toContain(`facts.db.schema-${schema}.backup`);
    const file = openFactFile({
      folder,
      openedAt: '2026-01-01T00:00:00Z',
      migrations: MIGRATIONS,
      reserveBytes: 8 * 1024 * 1024,
      wasUsed: true,
      warn: (text) => expect.fail(text),
    });
    file.close();
    await expectWhole(schema);
    const db = new Database(join(folder, 'facts.db'), { readonly: true });
    const columns = db.prepare("SELECT name FROM pragma_table_info('body')").pluck().all();
    db.close();
    expect(columns).not.toContain('half');
  });
});

it('a store of a newer version is refused with a sentence and left as it is', () => {
  layDown(SCHEMAS.length);
  const db = new Database(join(folder, 'facts.db'));
  const newer = SCHEMAS.length + 1;
  db.prepare('INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)').run(
    newer,
    'tenants',
    'c0ffee',
    '2027-01-01T00:00:00Z',
  );
  db.close();
  for (const args of [
    ['serve', '--port', '0', '--data', folder],
    ['db', 'check', '--data', folder],
    ['db', 'backup', join(folder, 'b.db'), '--data', folder],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { timeout: 20_000 });
    expect([args[1], status]).toEqual([args[1], 1]);
    expect(stderr.toString()).toMatch(
      new RegExp(
        `has schema ${newer} \\(tenants\\); this version knows ${newer - 1}[\\s\\S]*newer version`,
      ),
    );
  }
  expect(readdirSync(folder).filter((name) => !/^lock|-shm$|-wal$/.test(name))).toEqual([
    'facts.db',
  ]);
});

const PROGRAM = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url));
const DYING = fileURLToPath(new URL('./dying-migration.mjs', import.meta.url));
