/** What a failure of SQLite or of the file system means for the store. */
export type Trouble = 'full' | 'unavailable' | 'damaged' | 'refused';

const FULL = /^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)$/;
const DAMAGED = /^(SQLITE_CORRUPT|SQLITE_NOTADB)/;
const UNAVAILABLE =
  /^(SQLITE_(IOERR|BUSY|LOCKED|READONLY|CANTOPEN|PERM|AUTH|NOMEM|PROTOCOL|INTERRUPT|NOLFS)|E[A-Z]+$)/;

/**
 * - `full`: no space; passes when there is space again
 * - `unavailable`: the disk or the system failed; the same write may succeed later
 * - `damaged`: the file is not what it should be
 * - `refused`: the value itself could not be written; trying again changes nothing
 */
export function troubleOf(error: unknown): Trouble {
  const code = codeOf(error);
  if (FULL.test(code)) return 'full';
  if (DAMAGED.test(code)) return 'damaged';
  if (UNAVAILABLE.test(code)) return 'unavailable';
  return 'refused';
}

export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return '';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
