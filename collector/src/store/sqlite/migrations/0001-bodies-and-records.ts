import type { Migration } from '../migrate.js';

/**
 * `body` holds each request once, as it arrived. `stored_encoding` says how the bytes lie here: as received, or
 * as brotli when an uncompressed body was made smaller; `checksum` is the CRC-32 of the bytes as they lie here.
 * Numbers are never given twice (AUTOINCREMENT), because readers remember how far they came.
 */
export const bodiesAndRecords: Migration = {
  number: 1,
  name: 'bodies-and-records',
  sql: `
CREATE TABLE body (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  received_at INTEGER NOT NULL,
  format TEXT NOT NULL,
  content_encoding TEXT NOT NULL,
  stored_encoding TEXT NOT NULL,
  span_count INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX body_received_at ON body (received_at);
CREATE TABLE record (
  book TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (book, key)
) STRICT, WITHOUT ROWID;
`,
};
