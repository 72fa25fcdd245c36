import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../within.js';

const PROGRAM = fileURLToPath(new URL('./viewers.js', import.meta.url));
const CONNECT_MS = 30_000;

/** Browsers that watch, in a process of their own: their CPU is not the collector's. */
export class Viewers {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async connect(url: string, count: number): Promise<Viewers> {
    const child = fork(PROGRAM, [url, String(count)]);
    await within(CONNECT_MS, once(child, 'message'), `connecting ${String(count)} viewers`);
    return new Viewers(child);
  }

  /** Deltas that all viewers have got so far. */
  async deltas(): Promise<number> {
    const answer = once(this.#child, 'message');
    this.#child.send('how many');
    const [message] = (await within(CONNECT_MS, answer, 'asking the viewers')) as [
      { deltas: number },
    ];
    return message.deltas;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
