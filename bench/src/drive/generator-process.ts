import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../within.js';
import type { CommandName, Commands } from './protocol.js';

const PROGRAM = fileURLToPath(new URL('./generator.js', import.meta.url));
const ANSWER_MS = 900_000;

type Answer = { readonly answer: unknown } | { readonly fault: string };

/** The generator in a process of its own, so that its work is not the server's and can be told apart. */
export class GeneratorProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#child = fork(PROGRAM, [], {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=8192'],
    });
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new Error('the generator ended');
    });
    this.#ended.catch(() => undefined);
  }

  /** One command at a time; a second one waits for the first. */
  ask<N extends CommandName>(name: N, ask: Commands[N]['ask']): Promise<Commands[N]['answer']> {
    const answer = this.#last.then(() => this.#exchange(name, ask));
    this.#last = answer.catch(() => undefined);
    return answer as Promise<Commands[N]['answer']>;
  }

  async #exchange(name: CommandName, ask: unknown): Promise<unknown> {
    this.#child.send({ name, ask });
    const [message] = (await within(
      ANSWER_MS,
      Promise.race([once(this.#child, 'message'), this.#ended]),
      `the generator's ${name}`,
    )) as [Answer];
    if ('fault' in message) throw new Error(`${name}: ${message.fault}`);
    return message.answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
