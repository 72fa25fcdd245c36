import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { invariant } from '@throughline/model/invariant';
import { FactFile } from './fact-file.js';
import { migrate, type Migration } from './migrate.js';
import { messageOf, troubleOf } from './sqlite-fault.js';

/** Larger files are not read through at start; a damaged page in them is found when it is read. */
const CHECKED_BYTES_MAX = 256 * 1024 * 1024;
const PAGE_BYTES = 16 * 1024;
/** Journal that is written before it is carried over into the file. */
const JOURNAL_BYTES_MAX = 16 * 1024 * 1024;
/**
 * Carrying the journal over makes the file grow by as much, so on a full disk the reserve must have room for
 * that and for the journal of deletions.
 */
const JOURNAL_SHARE_OF_RESERVE = 1 / 4;
const JOURNAL_BYTES_KEPT = 64 * 1024 * 1024;

export interface OpenFactFileOptions {
  readonly folder: string;
  /** RFC 3339; names what is moved aside and stands beside each migration. */
  readonly openedAt: string;
  readonly migrations: readonly Migration[];
  /** Size of the reserve file, which bounds the journal. */
  readonly reserveBytes: number;
  /** True when this folder once held a store: an empty or absent file is then a loss. */
  readonly wasUsed: boolean;
  readonly warn: (text: string) => void;
}

export function factFilePath(folder: string): string {
  return join(folder, 'facts.db');
}

/** Left by a writer that met damage while running: the next start moves the file aside. */
export function damageMarkPath(folder: string): string {
  return join(folder, 'facts.db.damaged');
}

/**
 * Opens the file for writing, brings its schema up to date, and moves a damaged one aside first.
 *
 * @throws Fault STORE_NEWER; SqliteError when the disk does not let us.
 */
export function openFactFile(options: OpenFactFileOptions): FactFile {
  const path = factFilePath(options.folder);
  if (bytesOf(path) > 0) moveAsideIfDamaged(path, options);
  else if (options.wasUsed) {
    options.warn(
      `${path} is empty or gone, though it held data before. A new, empty store was begun.`,
    );
  }
  // SQLite gives its journal the rights of the file, so the file has them before it is opened.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const db = connectFacts(path, options.reserveBytes);
  try {
    migrate(db, {
      migrations: options.migrations,
      appliedAt: options.openedAt,
      backUp: (fromNumber) => backUp(db, `${path}.schema-${fromNumber}.backup`),
    });
    return new FactFile(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection as the writer needs it: every setting that durability rests on is set and read back. */
export function connectFacts(path: string, reserveBytes: number): Database.Database {
  const db = new Database(path);
  try {
    // Page size and vacuum mode take effect only while the file is still empty.
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    // Under NORMAL, the default of this library in WAL mode, a power cut loses commits already acknowledged.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    const journalBytes = Math.min(JOURNAL_BYTES_MAX, reserveBytes * JOURNAL_SHARE_OF_RESERVE);
    db.pragma(`wal_autocheckpoint = ${Math.max(1, Math.floor(journalBytes / PAGE_BYTES))}`);
    db.pragma(`journal_size_limit = ${JOURNAL_BYTES_KEPT}`);
    invariant(db.pragma('journal_mode', { simple: true }) === 'wal', 'the journal is a WAL');
    invariant(db.pragma('synchronous', { simple: true }) === 2, 'every commit is synced');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function moveAsideIfDamaged(path: string, { folder, openedAt, warn }: OpenFactFileOptions): void {
  const damage = existsSync(damageMarkPath(folder)) ? 'a write met damage' : damageOf(path);
  if (damage === null) return;
  const aside = join(folder, 'quarantine', openedAt.replaceAll(':', '-'));
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const suffix of ['', '-wal', '-shm', '.damaged']) {
    const from = `${path}${suffix}`;
    if (existsSync(from)) renameSync(from, join(aside, `facts.db${suffix}`));
  }
  warn(
    `${path} is damaged (${damage}). It was moved to ${aside} and a new, empty store was begun; ` +
      'nothing was deleted. Put a backup in its place, or recover it with `sqlite3 facts.db .recover`.',
  );
}

/** @returns what is wrong with the file, null when nothing is. */
function damageOf(path: string): string | null {
  try {
    const db = new Database(path);
    try {
      if (bytesOf(path) > CHECKED_BYTES_MAX) {
        db.prepare('SELECT count(*) FROM sqlite_master').get();
        return null;
      }
      const verdict = String(db.pragma('quick_check(1)', { simple: true }));
      return verdict === 'ok' ? null : verdict;
    } finally {
      db.close();
    }
  } catch (error) {
    if (troubleOf(error) === 'damaged') return messageOf(error);
    throw error;
  }
}

function backUp(db: Database.Database, path: string): void {
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(db.name, path, constants.COPYFILE_FICLONE);
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
