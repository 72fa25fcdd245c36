import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { CliFault, EXIT, type ExitCode } from './exit-code.js';
import type { CliIo, GlobalOptions } from './io.js';
import { paintFor, type Paint } from './paint.js';

const DEFAULT_SERVER = 'http://127.0.0.1:4318';

/** What every command that talks to a server has at hand. */
export interface CommandContext {
  readonly io: CliIo;
  readonly api: ApiClient;
  readonly wantsJson: boolean;
  readonly paint: Paint;
  /** Prints the answer: as JSON when that is wanted, else as `human` writes it. */
  readonly print: (answer: unknown, human: () => string) => void;
}

export function contextOf(command: Command, io: CliIo): CommandContext {
  const options = command.optsWithGlobals<GlobalOptions>();
  const wantsJson = options.json === true;
  return {
    io,
    api: new ApiClient(serverOf(options.server ?? io.env['THROUGHLINE_SERVER'] ?? DEFAULT_SERVER)),
    wantsJson,
    paint: paintFor(io, options.color !== false),
    print: (answer, human) => {
      io.out(`${wantsJson ? JSON.stringify(answer, null, 2) : human()}\n`);
    },
  };
}

function serverOf(text: string): string {
  const address = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (URL.canParse(address)) return address;
  throw new CliFault(EXIT.usage, `--server: "${text}" is no address such as ${DEFAULT_SERVER}`);
}

/** How a command ends other than well, without being a fault. */
export class ExitWith extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}
