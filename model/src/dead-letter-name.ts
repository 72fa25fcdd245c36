/** Words that say by themselves that a place holds dead letters. */
const WORDS: ReadonlySet<string> = new Set(['dlx', 'dlq', 'dlt', 'deadletter', 'deadletters']);

/** Names of destinations are few and come with every message; taking one apart costs more than all else about it. */
const judged = new Map<string, boolean>();
const JUDGED_MAX = 10_000;

/**
 * Whether a name says so: `dlx`, `dlq`, `dlt` or dead-letter as a whole part of it (`orders.dlq`,
 * `orders-dlt`, `ordersDLQ`, `orders/$DeadLetterQueue`), not as letters inside a word (`adlxer`).
 */
export function isDeadLetterName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isDeadLetter = saysDeadLetter(name);
  if (judged.size >= JUDGED_MAX) judged.clear();
  judged.set(name, isDeadLetter);
  return isDeadLetter;
}

function saysDeadLetter(name: string): boolean {
  const parts = partsOf(name);
  return parts.some(
    (part, index) =>
      WORDS.has(part) || (part === 'dead' && /^letters?$/.test(parts[index + 1] ?? '')),
  );
}

/** The place that a dead-letter place belongs to by its name: `orders-dlt` → `orders`; null when nothing is left. */
export function sourceByName(name: string): string | null {
  const rest = name
    .replace(/[-._/]?\$?dead[-_.]?letter[-_.]?(?:queue|topic|exchange)?s?$/i, '')
    .replace(/[-._](?:dlx|dlq|dlt)$/i, '');
  return rest === '' || rest === name ? null : rest;
}

function partsOf(name: string): readonly string[] {
  return name
    .slice(0, 1_024)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
}
