/** What the shell gets to know, the same for every command. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** `check` found what it was told to look for. */
  found: 3,
  /** No server answered. */
  unreachable: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence on stderr. */
export class CliFault extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it; printed below the sentence. */
  readonly remedy: string | null;

  constructor(exitCode: ExitCode, message: string, remedy: string | null = null) {
    super(message);
    this.name = 'CliFault';
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}
