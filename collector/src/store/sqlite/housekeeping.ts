import type { FactFile } from './fact-file.js';
import type { DropRequest, FileState, PlainFault, WriterReport } from './thread-messages.js';

/** A deletion of few bodies is never held back by the share that protects against a clock gone wrong. */
const DROP_BODIES_FREE = 1_000;
/** The file is shrunk when more of it is empty than appends will soon fill again. */
const FREE_SHARE_MAX = 0.25;
const SHRINK_PAGES = 64;

/** Deletions, one slice at a time between commits, and giving the space back afterwards. */
export class Housekeeping {
  readonly #tell: (report: WriterReport) => void;
  readonly #state: () => FileState;
  readonly #drops: { readonly request: DropRequest; dropped: number; countMax: number | null }[] =
    [];
  #isShrinking = false;

  constructor(tell: (report: WriterReport) => void, state: () => FileState) {
    this.#tell = tell;
    this.#state = state;
  }

  add(request: DropRequest): void {
    this.#drops.push({ request, dropped: 0, countMax: null });
  }

  /** Does one slice. @returns whether there is more to do. */
  step(open: () => FactFile, isFull: boolean): boolean {
    const drop = this.#drops[0];
    if (drop !== undefined) {
      const file = open();
      drop.countMax ??= Math.max(DROP_BODIES_FREE, Math.ceil(file.bodies * drop.request.shareMax));
      const count = dropSlice(file, drop.request, drop.countMax - drop.dropped);
      drop.dropped += count;
      // The journal of the deletion must not itself fill the room that is left.
      if (isFull) file.checkpoint();
      if (count === 0) this.#end(file, isFull);
      return true;
    }
    if (this.#isShrinking) this.#shrink(open(), isFull);
    return this.#isShrinking;
  }

  /** The deletion under way cannot go on. */
  fail(fault: PlainFault): void {
    this.#isShrinking = false;
    const drop = this.#drops.shift();
    if (drop === undefined) return;
    this.#tell({ tell: 'failed', seqs: [drop.request.seq], fault, file: this.#state() });
  }

  /** Answers what is left with what was done so far. */
  finish(): void {
    for (const { request, dropped } of this.#drops.splice(0)) this.#answer(request, dropped);
  }

  #end(file: FactFile, isFull: boolean): void {
    const drop = this.#drops.shift();
    if (drop === undefined) return;
    this.#isShrinking = isFull || file.freeShare > FREE_SHARE_MAX;
    this.#answer(drop.request, drop.dropped);
  }

  #answer(request: DropRequest, dropped: number): void {
    this.#tell({ tell: 'done', seqs: [request.seq], values: [dropped], file: this.#state() });
  }

  #shrink(file: FactFile, isFull: boolean): void {
    if (file.freeShare === 0 || (!isFull && file.freeShare <= FREE_SHARE_MAX)) {
      this.#isShrinking = false;
      file.checkpoint();
      this.#tell({ tell: 'state', file: this.#state() });
      return;
    }
    file.shrink(SHRINK_PAGES);
    if (isFull) file.checkpoint();
  }
}

function dropSlice(file: FactFile, request: DropRequest, countMax: number): number {
  if (countMax <= 0) return 0;
  const old = request.beforeNs === null ? 0 : file.dropBefore(request.beforeNs, countMax);
  if (old > 0 || request.bytesMax === null) return old;
  return file.dropToSize(request.bytesMax, countMax);
}
