import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { UnixNs } from '@throughline/model/time';
import { Fault } from '../../errors.js';
import type { StoredBody } from '../fact-store.js';
import { threadFile } from './thread-file.js';
import type { ReaderReport, ReaderSetup } from './thread-messages.js';

export interface ReadOptions extends ReaderSetup {
  readonly onWarning: (text: string) => void;
}

/**
 * Streams bodies out of a thread of its own, so that neither the caller's loop nor the writer waits for the
 * disk. At most two batches are in memory: the one being consumed and the one being read.
 */
export async function* readBodies({
  file,
  afterId,
  onWarning,
}: ReadOptions): AsyncIterable<StoredBody> {
  const setup: ReaderSetup = { file, afterId };
  const thread = new Worker(threadFile('./reader-thread.js'), { workerData: setup });
  const failure = once(thread, 'exit').then((): never => {
    throw new Fault('STORE_UNAVAILABLE', `The thread that reads ${file} ended too early.`);
  });
  failure.catch(() => undefined);
  try {
    let batch = nextBatch(thread, onWarning);
    for (;;) {
      const { bodies, isLast } = await Promise.race([batch, failure]);
      if (!isLast) batch = nextBatch(thread, onWarning);
      // A reader that goes away leaves this one behind: its failure is nobody's then.
      batch.catch(() => undefined);
      for (const body of bodies) yield { ...body, receivedAtNs: body.receivedAtNs as UnixNs };
      if (isLast) return;
    }
  } finally {
    await thread.terminate();
  }
}

function nextBatch(
  thread: Worker,
  onWarning: (text: string) => void,
): Promise<Extract<ReaderReport, { tell: 'batch' }>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      thread.off('message', onReport);
      thread.off('error', onError);
      act();
    };
    const onError = (error: unknown): void => settle(() => reject(unavailable(error)));
    const onReport = (report: ReaderReport): void => {
      if (report.tell === 'warning') onWarning(report.text);
      else if (report.tell === 'batch') settle(() => resolve(report));
      else settle(() => reject(new Fault(report.fault.code, report.fault.message)));
    };
    thread.on('message', onReport);
    thread.on('error', onError);
    thread.postMessage('next');
  });
}

function unavailable(cause: unknown): Fault {
  return new Fault('STORE_UNAVAILABLE', 'The stored bodies cannot be read.', { cause });
}
