import type { Clock } from '../clock.js';

/** All that a command touches of the world. */
export interface CliIo {
  /** What was asked for. */
  readonly out: (text: string) => void;
  /** Talk about it. */
  readonly say: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** True when a person reads `out` on a terminal. */
  readonly isTerminal: boolean;
  /** Standard input. */
  readonly readInput: () => AsyncIterable<Uint8Array>;
  /** Calls `act` whenever the program is asked to read its configuration again. */
  readonly onReload: (act: () => void) => void;
  /** Settles when the user wants the program to end. */
  readonly untilStopped: () => Promise<void>;
}

export interface GlobalOptions {
  readonly server?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}
