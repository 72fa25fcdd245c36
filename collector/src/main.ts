import { writeSync } from 'node:fs';
import { runCli } from './cli/cli.js';
import { systemClock } from './clock.js';

/** A second signal within this time is the first one again: npm passes on what the terminal sent already. */
const SAME_SIGNAL_MS = 500;
const ORPHAN_PERIOD_MS = 250;

const stopped = new Promise<void>((resolve) => {
  let firstAtMs = 0;
  const hangUp = process.stdin.isTTY ? (['SIGHUP'] as const) : [];
  for (const signal of ['SIGINT', 'SIGTERM', ...hangUp] as const) {
    process.on(signal, () => {
      const nowMs = Date.now();
      if (firstAtMs === 0) {
        firstAtMs = nowMs;
        resolve();
      } else if (nowMs - firstAtMs > SAME_SIGNAL_MS) {
        process.exit(130);
      }
    });
  }
});

// The end of the terminal that it was started from ends a program; a service reads its configuration again.
const onReload = new Set<() => void>();
if (!process.stdin.isTTY) {
  process.on('SIGHUP', () => {
    if (onReload.size === 0) process.kill(process.pid, 'SIGTERM');
    for (const act of onReload) act();
  });
}

// `npm start` runs us below a shell that does not pass signals on: when it is gone, so is whoever started us.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] !== undefined) {
  const forget = systemClock.every(ORPHAN_PERIOD_MS, () => {
    if (process.ppid === parent) return;
    forget();
    process.kill(process.pid, 'SIGTERM');
  });
}

/** Synchronous, so that a line is out before anything after it happens; a closed pipe ends the program. */
function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') continue;
      if (code === 'EPIPE') process.exit(0);
      throw error;
    }
  }
}

// Timers of the clock keep nobody alive, so a command that waits for its turn would be over while it waits.
const staysAlive = setInterval(() => undefined, 60_000);

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => write(1, text),
  say: (text) => write(2, text),
  env: process.env,
  cwd: process.cwd(),
  clock: systemClock,
  isTerminal: process.stdout.isTTY,
  readInput: () => process.stdin as AsyncIterable<Uint8Array>,
  onReload: (act) => void onReload.add(act),
  untilStopped: () => stopped,
});
clearInterval(staysAlive);
