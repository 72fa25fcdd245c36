import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { formatInstant } from '@throughline/model/time';
import type { Clock } from '../../clock.js';
import { Fault } from '../../errors.js';
import type { FactStore } from '../fact-store.js';
import { lockFolder } from './folder-lock.js';
import { loadSqlite } from './load-sqlite.js';
import { makeFolder } from './make-folder.js';
import { keepWithin, type Retention } from './retention.js';
import { messageOf } from './sqlite-fault.js';
import { SqliteFactStore } from './sqlite-fact-store.js';
import { threadFile } from './thread-file.js';
import type { WriterReport, WriterSetup } from './thread-messages.js';

const MIB = 1024 * 1024;
/** How often a store in trouble looks whether it can write again. */
const PROBE_PERIOD_MS = 1_000;

export interface FactStoreOptions {
  /** Made when it does not exist. */
  readonly folder: string;
  readonly clock: Clock;
  /** Called with one sentence whenever the store has to say something that an operator should read. */
  readonly onWarning: (text: string) => void;
  readonly retention?: Retention;
}

/**
 * Opens the store of a data folder; after whatever end of the process before, there is nothing to repair.
 *
 * @throws Fault STORE_IN_USE, STORE_NEWER, STORE_UNAVAILABLE
 */
export async function openFactStore(options: FactStoreOptions): Promise<FactStore> {
  const { clock, onWarning } = options;
  const folder = resolve(options.folder);
  const Database = await loadSqlite();
  prepareFolder(folder, onWarning);
  const unlock = lockFolder(Database, folder);
  const stops: (() => void)[] = [];
  const release = (): void => {
    for (const stop of stops.splice(0)) stop();
    unlock();
  };
  try {
    const openedAt = formatInstant(clock.now());
    const setup: WriterSetup = { folder, openedAt, reserveBytes: reserveBytes(folder) };
    const writer = new Worker(threadFile('./writer-thread.js'), { workerData: setup });
    const store = await whenOpened(
      writer,
      onWarning,
      ({ records, file }) =>
        new SqliteFactStore({ Database, folder, writer, records, file, onWarning, release }),
    );
    stops.push(clock.every(PROBE_PERIOD_MS, () => store.probe()));
    if (options.retention !== undefined) {
      stops.push(keepWithin(options.retention, { store, clock, onWarning }));
    }
    return store;
  } catch (error) {
    release();
    throw error;
  }
}

function prepareFolder(folder: string, onWarning: (text: string) => void): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    const message = `The data folder ${folder} cannot be made: choose another one with --data.`;
    throw new Fault('STORE_UNAVAILABLE', message, { cause });
  }
  const network = NETWORK_FILE_SYSTEMS.get(statfsSync(folder).type);
  if (network !== undefined) {
    onWarning(
      `${folder} lies on ${network}: its locks and syncs cannot be relied on. Choose a local disk with --data.`,
    );
  }
}

/** Magic numbers of Linux `statfs`. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
]);

/** 1 % of the disk, but enough to carry the journal over and not more than anybody would miss. */
function reserveBytes(folder: string): number {
  const { blocks, bsize } = statfsSync(folder);
  return Math.min(64 * MIB, Math.max(8 * MIB, Math.floor((blocks * bsize) / 100)));
}

/**
 * Waits until the thread has opened the file; warnings may come before. `take` is called within the report
 * itself, so that the one who listens from then on misses nothing.
 */
function whenOpened<T>(
  writer: Worker,
  onWarning: (text: string) => void,
  take: (opened: Extract<WriterReport, { tell: 'opened' }>) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const silence = (): void => {
      writer.off('message', onReport);
      writer.off('error', onError);
    };
    const fail = (error: Fault): void => {
      silence();
      void writer.terminate().then(() => reject(error));
    };
    const onError = (cause: unknown): void => {
      const message = `The store cannot be opened: ${messageOf(cause)}`;
      fail(new Fault('STORE_UNAVAILABLE', message, { cause }));
    };
    const onReport = (report: WriterReport): void => {
      if (report.tell === 'warning') onWarning(report.text);
      else if (report.tell === 'refused') fail(new Fault(report.fault.code, report.fault.message));
      else if (report.tell === 'opened') {
        silence();
        resolve(take(report));
      }
    };
    writer.on('error', onError);
    writer.on('message', onReport);
  });
}
