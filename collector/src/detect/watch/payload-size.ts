import type { Sample } from './contract-watch.js';

/** In powers of three bytes; null where the size is not known. */
export function sizeOf({ bytes }: Pick<Sample, 'bytes'>): number | null {
  return bytes === null ? null : Math.floor(Math.log(bytes + 1) / Math.log(3));
}
