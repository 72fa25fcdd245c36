import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from '../within.js';
import { cpuSeconds, memoryOf } from './proc.js';

const READY = / ready at (http:\S+)$/;
const STOP_MS = 30_000;

/** A server under test, in a process of its own. Whoever starts it kills or stops it. */
export class ServerProcess {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, ended: Promise<unknown>, url: string) {
    this.#child = child;
    this.#ended = ended;
    this.url = url;
    this.pid = child.pid ?? 0;
  }

  /**
   * Starts a program and waits until it says where it is ready.
   *
   * @throws Error when it ends, or does not say so in time.
   */
  static async start(args: readonly string[], readyMs: number): Promise<ServerProcess> {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    const ready = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        const url = READY.exec(line)?.[1];
        if (url !== undefined) return url;
      }
      throw new Error(`${args[0] ?? ''} ended before it was ready`);
    })();
    try {
      const url = await within(readyMs, ready, `waiting for ${args[0] ?? ''} to be ready`);
      child.stdout.resume();
      return new ServerProcess(child, ended, url);
    } catch (fault) {
      child.kill('SIGKILL');
      await ended;
      throw fault;
    }
  }

  cpuS(): number {
    return cpuSeconds(this.pid);
  }

  memory(): ReturnType<typeof memoryOf> {
    return memoryOf(this.pid);
  }

  /** As a power cut would, but for what the operating system still holds. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** @returns whether it ended by itself in time. */
  async stop(): Promise<boolean> {
    this.#child.kill('SIGTERM');
    try {
      await within(STOP_MS, this.#ended, 'waiting for the end');
      return true;
    } catch {
      await this.kill();
      return false;
    }
  }
}
