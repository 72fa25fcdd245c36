import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { invariant } from '@throughline/model/invariant';
import { BodyReader } from './body-reader.js';
import { messageOf } from './sqlite-fault.js';
import type { ReaderReport, ReaderSetup } from './thread-messages.js';

/** The reader thread's entry: one batch per request, on a connection that cannot write. */
function main(): void {
  const port = parentPort;
  invariant(port !== null, 'this file runs as a worker thread');
  const { file, afterId } = workerData as ReaderSetup;
  const tell = (report: ReaderReport): void => {
    const buffers =
      report.tell === 'batch' ? report.bodies.map(({ body }) => body.buffer as ArrayBuffer) : [];
    port.postMessage(report, buffers);
  };
  const answer = (read: () => ReaderReport): void => {
    try {
      tell(read());
    } catch (error) {
      tell({ tell: 'failed', fault: { code: 'STORE_UNAVAILABLE', message: messageOf(error) } });
    }
  };
  let reader: BodyReader | null = null;
  port.on('message', () => {
    answer(() => {
      reader ??= new BodyReader(new Database(file, { readonly: true }), {
        afterId,
        warn: (text) => tell({ tell: 'warning', text }),
      });
      return { tell: 'batch', ...reader.nextBatch() };
    });
  });
}

main();
