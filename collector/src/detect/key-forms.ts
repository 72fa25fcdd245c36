const SEPARATORS = /[^\p{L}\p{N}]/gu;
/** `ord-`, `urn:shop:order:`: words before the id proper. */
const PREFIX = /^(?:\p{L}+[^\p{L}\p{N}]+)+/u;
/** `ORD8123`: a word that runs into a number. */
const NUMBERED = /^\p{L}+(?=\p{N}+$)/u;
const ZEROS = /^0+(?=.)/;
/** Without its prefix a shorter id is like too many others. */
const CORE_CHARS_MIN = 3;

/**
 * What stays the same when two programs spell one id differently: case, separators, a prefix, zeros in front. Two ids
 * are near when they have a form in common.
 */
export function formsOf(value: string): readonly string[] {
  const plain = value.trim().toLowerCase();
  const whole = plain.replace(SEPARATORS, '');
  const core = plain
    .replace(PREFIX, '')
    .replace(NUMBERED, '')
    .replace(SEPARATORS, '')
    .replace(ZEROS, '');
  const isTelling = core.length >= CORE_CHARS_MIN && /\p{N}/u.test(core);
  if (whole === '') return isTelling ? [core] : [];
  return isTelling && core !== whole ? [whole, core] : [whole];
}
