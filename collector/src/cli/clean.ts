/** Names are hostile input: nothing in them may move the cursor, recolour the terminal or break a line. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�');
}
