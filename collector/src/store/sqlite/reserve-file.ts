import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

const CHUNK = Buffer.alloc(1024 * 1024);

/**
 * Space kept back for the day the disk is full. A full disk refuses deletions too (they are written to the
 * journal first), so without this retention could not make room.
 */
export class ReserveFile {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  get exists(): boolean {
    return existsSync(this.#path);
  }

  /** @returns false when there is no room for it; then nothing is left behind. */
  establish(): boolean {
    if (this.exists && statSync(this.#path).size === this.#bytes) return true;
    try {
      this.#write();
      return true;
    } catch {
      this.release();
      return false;
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }

  #write(): void {
    const file = openSync(this.#path, 'w', 0o600);
    try {
      for (let left = this.#bytes; left > 0;) {
        left -= writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}
