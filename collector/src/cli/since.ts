import { parseDurationMs, parseInstant } from '@throughline/model/time';
import { CliFault, EXIT } from './exit-code.js';

/** `1h` → `now-1h`, which the API understands; an instant stays as it is. */
export function sinceInstant(text: string): string {
  if (parseInstant(text) !== undefined) return text;
  if (parseDurationMs(text) !== undefined) return `now-${text}`;
  throw new CliFault(
    EXIT.usage,
    `"${text}" is neither a duration such as 1h nor an RFC 3339 instant`,
  );
}
