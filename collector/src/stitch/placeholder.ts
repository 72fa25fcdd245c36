/** Values that programs write where they have none. */
const PLACEHOLDERS = new Set([
  '',
  '-',
  '?',
  'null',
  'nil',
  'none',
  'undefined',
  'unknown',
  'n/a',
  'na',
  'nan',
  'default',
  'empty',
  '[object object]',
]);

/** True for a key value that names nothing: `null`, `N/A`, an all-zero id, `{orderId}` never filled in. */
export function isPlaceholder(value: string): boolean {
  const plain = value.trim().toLowerCase();
  return (
    PLACEHOLDERS.has(plain) ||
    /^[0-]+$/.test(plain) ||
    /^f{8}-?(f{4}-?){3}f{12}$/.test(plain) ||
    /^(\{.*\}|<.*>|\$\{.*\}|%.*%)$/.test(plain)
  );
}
