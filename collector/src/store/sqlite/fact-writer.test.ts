import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../limits.js';
import { FactFile } from './fact-file.js';
import { FactWriter } from './fact-writer.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { connectFacts } from './open-fact-file.js';
import { ReserveFile } from './reserve-file.js';
import type { AppendRequest, WriterReport, WriterRequest } from './thread-messages.js';

let folder: string;
let connection: Database;
let waiting: WriterRequest[];
let told: WriterReport[];
let writer: FactWriter;
let seq = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-writer-'));
  mkdirSync(join(folder, 'room'));
  waiting = [];
  told = [];
  writer = new FactWriter({
    folder,
    open: () => {
      connection = connectFacts(join(folder, 'facts.db'), 4 * 1024 * 1024);
      migrate(connection, { migrations: MIGRATIONS, appliedAt: 'now', backUp: () => undefined });
      return new FactFile(connection);
    },
    reserve: new ReserveFile(join(folder, 'room', 'reserve'), 4 * 1024 * 1024),
    tell: (report) => void told.push(report),
    take: () => waiting.shift(),
  });
});

afterEach(() => {
  ask({ ask: 'close' });
  rmSync(folder, { recursive: true });
});

function append(bytes: number): AppendRequest {
  seq += 1;
  const body = randomBytes(bytes);
  const like = { ask: 'append', format: 'otlp-protobuf', contentEncoding: 'gzip' } as const;
  return { ...like, seq, receivedAtNs: BigInt(seq), spanCount: 1, body };
}

function put(): WriterRequest {
  seq += 1;
  return { ask: 'put', seq, book: 'finding', key: 'f', text: '{}' };
}

/** @returns what was told in answer. */
function ask(first: WriterRequest, ...rest: readonly WriterRequest[]): WriterReport[] {
  told = [];
  waiting.push(...rest);
  writer.work(first);
  return told;
}

const kinds = (reports: readonly WriterReport[]): string[] => reports.map(({ tell }) => tell);

describe('group commit', () => {
  it('writes what waits in one transaction, and no more than a transaction holds', () => {
    const requests = Array.from({ length: LIMITS.commitBodiesMax + 1 }, () => append(10));
    const sizes = ask(...(requests as [WriterRequest])).map((report) =>
      report.tell === 'done' ? report.seqs.length : 0,
    );
    expect(sizes).toEqual([LIMITS.commitBodiesMax, 1]);
    const large = Array.from({ length: 3 }, () => append(LIMITS.commitBytesMax * 0.6));
    expect(ask(...(large as [WriterRequest]))).toMatchObject([
      { tell: 'done', seqs: [{}, {}].map((_, at) => large[at]!.seq) },
      { tell: 'done', seqs: [large[2]!.seq] },
    ]);
  });

  it('lets one value that cannot be written cost the others nothing', () => {
    const [good, bad, other] = [append(10), append(10), append(10)];
    const reports = ask(good, { ...bad, receivedAtNs: 2n ** 63n }, other);
    expect(reports).toMatchObject([
      { tell: 'done', seqs: [good.seq] },
      { tell: 'failed', seqs: [bad.seq], fault: { code: 'INTERNAL' } },
      { tell: 'done', seqs: [other.seq] },
    ]);
  });
});

describe('when there is no room', () => {
  function fillUp(): void {
    connection.pragma(
      `max_page_count = ${Number(connection.pragma('page_count', { simple: true })) + 40}`,
    );
    for (let at = 0; at < 100; at += 1) {
      const reports = ask(append(60_000));
      if (kinds(reports).includes('failed')) return;
    }
    expect.fail('the file never got full');
  }

  it('bodies are refused, said why once, and the reserve is given up', () => {
    fillUp();
    expect(told).toMatchObject([
      { tell: 'warning', text: expect.stringContaining('No space is left') },
      { tell: 'state', file: { trouble: expect.stringContaining('No space') } },
      { tell: 'failed', fault: { code: 'STORE_UNAVAILABLE' } },
    ]);
    expect(existsSync(join(folder, 'room', 'reserve'))).toBe(false);
    expect(kinds(ask(append(10)))).toEqual(['failed']);
    expect(kinds(ask(put(), append(10), put()))).toEqual(['failed', 'done']);
  });

  it('deletions still work, and afterwards writing goes on by itself', () => {
    fillUp();
    const bodies = writer.state().bodies;
    const reports = ask({ ask: 'drop', seq: 0, beforeNs: 2n ** 62n, bytesMax: null, shareMax: 1 });
    expect(reports[0]).toMatchObject({ tell: 'done', values: [bodies] });
    expect(kinds(ask({ ask: 'probe' }))).toEqual(['warning', 'state']);
    expect(writer.state().trouble).toBeNull();
    expect(existsSync(join(folder, 'room', 'reserve'))).toBe(true);
    expect(kinds(ask(append(60_000)))).toEqual(['done']);
  });

  it('a probe changes nothing while the reserve cannot be laid down again', () => {
    fillUp();
    rmSync(join(folder, 'room'), { recursive: true });
    expect(ask({ ask: 'probe' })).toEqual([]);
    expect(writer.state().trouble).not.toBeNull();
    expect(kinds(ask(append(10)))).toEqual(['failed']);
  });
});
