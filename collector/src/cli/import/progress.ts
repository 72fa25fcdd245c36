import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { CliIo } from '../io.js';
import type { Accounting } from './account.js';
import type { Input } from './input-bytes.js';

const PERIOD_MS = 2_000;
const MIB = 1024 * 1024;

/** Tells on stderr how far an import is, every other second. */
export class Progress {
  readonly #io: CliIo;
  readonly #input: Input;
  readonly #account: Accounting;
  #lastNs: UnixNs;

  constructor({ io, input, account }: { io: CliIo; input: Input; account: Accounting }) {
    this.#io = io;
    this.#input = input;
    this.#account = account;
    this.#lastNs = io.clock.now();
  }

  tell(): void {
    const now = this.#io.clock.now();
    if (msFromNs(now - this.#lastNs) < PERIOD_MS) return;
    this.#lastNs = now;
    const { name, bytesTotal } = this.#input;
    const read = this.#input.bytesRead();
    const share = bytesTotal === null ? '' : ` (${Math.floor((100 * read) / bytesTotal)} %)`;
    const spans = this.#account.spans.toLocaleString('en');
    this.#io.say(`${name}: ${Math.floor(read / MIB)} MiB read${share}, ${spans} spans sent\n`);
  }
}
