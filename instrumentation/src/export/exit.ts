import { spawnSync } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';
import { harmless } from '../harmless.js';
import { processState } from '../process-state.js';
import type { Settings } from '../settings.js';
import type { OtlpTransport } from './otlp-transport.js';
import type { SpanQueue } from './span-queue.js';

/**
 * The last spans of a process. What is still open is reported as pending once more, and everything is sent:
 *
 * - when the process runs out of work, and on SIGTERM or SIGINT: for at most `exitFlushMs`; then it ends the
 *   way it would have, with the same code or signal. Listeners of the app keep their say.
 * - when it crashes (or on every `process.exit`, with THROUGHLINE_EXIT_FLUSH=always): nothing can wait any
 *   more, so a short-lived process sends the body, unless the collector was not reachable before.
 */
export function watchExit(settings: Settings, queue: SpanQueue, transport: OtlpTransport): void {
  let hasCrashed = false;
  let isDrained = false;
  process.on('uncaughtExceptionMonitor', () => {
    hasCrashed = true;
  });
  process.on('beforeExit', () => {
    // Flushing is work, so this event comes again after it.
    if (isDrained) return;
    isDrained = true;
    void processState().flush(settings.exitFlushMs);
  });
  process.on('exit', () => {
    const wanted =
      settings.exitFlush === 'always' || (settings.exitFlush === 'crash' && hasCrashed);
    if (!wanted || !queue.isReachable) return;
    harmless('flush at exit', () => {
      snapshotOpenSpans();
      sendFromChild(queue.takeBody(), transport, settings.exitFlushMs);
    });
  });
  if (isMainThread)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) watchSignal(signal, settings);
}

export function snapshotOpenSpans(): void {
  for (const processor of processState().processors) {
    harmless('snapshot at exit', () => processor.snapshotAll());
  }
}

/**
 * A signal listener takes the default action away. So ours, when nobody else listens, removes itself after
 * the flush and raises the signal again; the process then dies of it as it would have.
 */
function watchSignal(signal: 'SIGTERM' | 'SIGINT', settings: Settings): void {
  const listener = (): void => {
    const isAlone = othersOf(signal, listener) === 0;
    void processState()
      .flush(settings.exitFlushMs)
      .then(() => {
        if (!isAlone) return;
        process.removeListener(signal, listener);
        process.kill(process.pid, signal);
      });
  };
  process.on(signal, listener);
}

/**
 * How many listeners of the app there are. The package `signal-exit` raises a signal again only when all
 * listeners are its own; it keeps their number where several copies of it can find it, so we count as one.
 */
function othersOf(signal: string, own: () => void): number {
  const others = process.listeners(signal as 'SIGTERM').filter((each) => each !== own).length;
  const holders = [
    (globalThis as Record<symbol, unknown>)[Symbol.for('signal-exit emitter')],
    (process as unknown as Record<string, unknown>)['__signal_exit_emitter__'],
  ];
  for (const holder of holders) {
    const counted = holder as { count?: unknown } | undefined;
    if (typeof counted?.count === 'number' && counted.count > 0) {
      counted.count += 1;
      return others;
    }
  }
  return others;
}

/** Reads the body from its input and posts it; no dependency, no environment of the host. */
const SENDER = `
const { url, headers, timeoutMs } = JSON.parse(process.argv[1]);
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
  const open = require(url.startsWith('https:') ? 'https' : 'http').request;
  const request = open(url, { method: 'POST', headers, timeout: timeoutMs }, (response) => response.resume());
  request.on('timeout', () => request.destroy()).on('error', () => {}).end(Buffer.concat(chunks));
});`;

function sendFromChild(body: Uint8Array | null, transport: OtlpTransport, timeoutMs: number): void {
  if (body === null) return;
  const env: NodeJS.ProcessEnv = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  delete env['NODE_OPTIONS'];
  const message = JSON.stringify({ ...transport.request(), timeoutMs });
  spawnSync(process.execPath, ['-e', SENDER, message], {
    input: body,
    env,
    timeout: timeoutMs,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  });
}
