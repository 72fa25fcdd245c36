import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProgram, type Program } from '../support/start-program.js';
import { History } from './history.js';

const program = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url));

export interface WatchedCollector extends Program {
  readonly url: string;
  /** Milliseconds from its start until it was ready. */
  readonly readyMs: number;
}

export interface WatchOptions {
  /** Runs the collector: `strace …`, `unshare …`. */
  readonly under?: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly dataFolder?: string;
  readonly withinMs?: number;
}

/** A place for one fault: a data folder, the history beside it, and every collector started on it, until `leave`. */
export class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'throughline-faults-'));
  readonly dataFolder = join(this.folder, 'data');
  readonly history = new History(join(this.folder, 'history.ndjson'));
  readonly #closing: (() => unknown)[] = [];

  /** Writes the configuration that collectors are started with from now on. */
  configure(text: string): void {
    writeFileSync(join(this.folder, 'throughline.yaml'), text);
  }

  /** Starts the built collector on a free port, and waits until it is ready. */
  async start(options: WatchOptions = {}): Promise<WatchedCollector> {
    const startedMs = performance.now();
    const started = startProgram(this.#command(options), { cwd: this.folder });
    this.atEnd(() => started.stop('SIGKILL'));
    const [, url = ''] = await started.says(
      /^throughline ready at (http:\S+)$/m,
      options.withinMs ?? 30_000,
    );
    return { ...started, url, readyMs: performance.now() - startedMs };
  }

  /** Starts it without waiting for anything. */
  launch(options: WatchOptions = {}): Program {
    const started = startProgram(this.#command(options), { cwd: this.folder });
    this.atEnd(() => started.stop('SIGKILL'));
    return started;
  }

  atEnd(close: () => unknown): void {
    this.#closing.push(close);
  }

  async leave(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command({ under = [], nodeFlags = [], dataFolder }: WatchOptions): [string, ...string[]] {
    const data = dataFolder ?? this.dataFolder;
    const node = [process.execPath, ...nodeFlags, program, 'serve', '--port', '0', '--data', data];
    return [...under, ...node] as [string, ...string[]];
  }
}

/** Watches the memory of a process. `stop` gives the growth of its peak over the start, in MiB. */
export function watchMemory(pid: number): {
  stop(): Promise<{ beforeMiB: number; peakMiB: number }>;
} {
  const beforeMiB = residentMiB(pid);
  let peakMiB = beforeMiB;
  let isOver = false;
  const watching = (async (): Promise<void> => {
    while (!isOver) {
      peakMiB = Math.max(peakMiB, residentMiB(pid));
      await pause(5);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return { beforeMiB, peakMiB };
    },
  };
}

/** Linux tells it in /proc; 0 once the process is gone. */
export function residentMiB(pid: number): number {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${String(pid)}/statm`, 'utf8').split(' ');
    return (Number(pages) * 4_096) / 1_048_576;
  } catch {
    return 0;
  }
}
