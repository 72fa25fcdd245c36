/** Verbs that leave an effect behind, and the verbs that take it back. The list is short on purpose: no guessing. */
const UNDOING: ReadonlyMap<string, readonly string[]> = new Map([
  ['allocate', ['deallocate', 'release', 'free']],
  ['assign', ['unassign', 'release']],
  ['authorize', ['void', 'release', 'reverse']],
  ['block', ['unblock', 'release']],
  ['book', ['cancel', 'release', 'unbook', 'free']],
  ['capture', ['refund', 'void', 'reverse']],
  ['charge', ['refund', 'void', 'reverse', 'uncharge']],
  ['create', ['delete', 'remove', 'revoke', 'cancel']],
  ['debit', ['credit', 'refund', 'reverse']],
  ['deduct', ['restore', 'refund', 'return', 'add']],
  ['grant', ['revoke']],
  ['issue', ['revoke', 'cancel', 'void']],
  ['pay', ['refund', 'reverse']],
  ['provision', ['deprovision', 'release']],
  ['reserve', ['release', 'unreserve', 'cancel', 'free']],
  ['schedule', ['unschedule', 'cancel']],
  ['ship', ['recall', 'return']],
  ['transfer', ['reverse']],
  ['withdraw', ['deposit', 'refund']],
]);

/** Words that undo whatever the rest of the name says. */
const UNDOING_ANYTHING: ReadonlySet<string> = new Set([
  'cancel',
  'compensate',
  'revert',
  'reverse',
  'rollback',
  'undo',
]);

/** A name as its parts: what is done, and to what. Null when no word of it leaves an effect behind. */
interface Deed {
  readonly verb: string;
  readonly object: string;
}

/** Whether a step of the name leaves an effect behind that another step could take back. */
export function isUndoable(name: string): boolean {
  return deedOf(wordsOf(name)) !== null;
}

/** Whether by their names the one takes back the other: `refund card` and `capture card`. */
export function undoes(undo: string, forward: string): boolean {
  const words = wordsOf(undo);
  const done = wordsOf(forward);
  const first = words[0];
  if (first !== undefined && UNDOING_ANYTHING.has(first)) {
    if (words.slice(1).join(' ') === done.join(' ')) return true;
  }
  const deed = deedOf(done);
  if (deed === null) return false;
  return (UNDOING.get(deed.verb) ?? []).some((verb) => {
    const at = words.findIndex((word) => isForm(word, verb));
    return at >= 0 && objectOf(words, at) === deed.object;
  });
}

function deedOf(words: readonly string[]): Deed | null {
  for (const [at, word] of words.entries()) {
    for (const verb of UNDOING.keys()) {
      if (isForm(word, verb)) return { verb, object: objectOf(words, at) };
    }
  }
  return null;
}

function objectOf(words: readonly string[], verbAt: number): string {
  return words
    .filter((_, at) => at !== verbAt)
    .sort()
    .join(' ');
}

/** `capture`, `captured`, `capturing` and `captures` are one verb. */
function isForm(word: string, verb: string): boolean {
  const stem = verb.endsWith('e') ? verb.slice(0, -1) : verb;
  return word === verb || ['ed', 'es', 'ing', 's', 'ped', 'led'].some((end) => word === stem + end);
}

/** `captureCard`, `capture-card` and `Capture card` are the same two words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
