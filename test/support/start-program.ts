import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface Program {
  readonly process: ChildProcess;
  /** Everything it said so far, both streams in the order they came. */
  said(): string;
  /** Settles with the first match; rejects when the program ends or the time is over before. */
  says(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Settles with the exit code when it ends by itself; null when a signal ended it. */
  ended(): Promise<number | null>;
  /** Sends the signal and waits for the end; harmless when it has ended. @returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program without a terminal. Whoever starts it stops it. */
export function startProgram(
  command: readonly [string, ...string[]],
  { env = {}, cwd }: { env?: NodeJS.Dict<string>; cwd?: string } = {},
): Program {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const ended = once(child, 'close');
  let text = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    text += chunk.toString();
    for (const listen of listeners) listen();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return {
    process: child,
    said: () => text,
    says: (pattern, withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        const finish = (act: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          act();
        };
        const look = (): void => {
          const match = pattern.exec(text);
          if (match) finish(() => resolve(match));
        };
        const fail = (why: string): void =>
          finish(() => reject(new Error(`${command.join(' ')} ${why}; it said:\n${text}`)));
        const timer = setTimeout(() => fail(`did not say ${String(pattern)}`), withinMs);
        void ended.then(() => fail('ended'), fail);
        listeners.add(look);
        look();
      }),
    ended: () => ended.then(() => child.exitCode),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}
