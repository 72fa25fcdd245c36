import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { invariant } from '@throughline/model/invariant';
import { Fault } from '../../errors.js';
import { FactWriter } from './fact-writer.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { factFilePath, openFactFile } from './open-fact-file.js';
import { ReserveFile } from './reserve-file.js';
import { messageOf } from './sqlite-fault.js';
import type { WriterReport, WriterRequest, WriterSetup } from './thread-messages.js';

/** The writer thread's entry: nothing but the wiring of a FactWriter to its port. */
function main(): void {
  const port = parentPort;
  invariant(port !== null, 'this file runs as a worker thread');
  const { folder, openedAt, reserveBytes } = workerData as WriterSetup;
  const tell = (report: WriterReport): void => port.postMessage(report);
  const reserve = new ReserveFile(`${factFilePath(folder)}.reserve`, reserveBytes);
  const wasUsed = reserve.exists;
  const warn = (text: string): void => tell({ tell: 'warning', text });
  try {
    const writer = new FactWriter({
      folder,
      open: () =>
        openFactFile({ folder, openedAt, migrations: MIGRATIONS, wasUsed, reserveBytes, warn }),
      reserve,
      tell,
      take: () => (receiveMessageOnPort(port) as { message: WriterRequest } | undefined)?.message,
    });
    port.on('message', (request: WriterRequest) => {
      writer.work(request);
      if (writer.isClosed) port.close();
    });
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'STORE_UNAVAILABLE';
    tell({ tell: 'refused', fault: { code, message: messageOf(error) } });
    port.close();
  }
}

main();
