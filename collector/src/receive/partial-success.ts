import type { Accepted } from './intake.js';
import type { PartialSuccess } from './otlp-reply.js';
import { refusalText } from './refusal-text.js';

/** What an OTLP sender is told of a body that was taken; null when there is nothing to tell. */
export function partialSuccess(
  { rejected, ignored }: Accepted,
  jsonField: PartialSuccess['jsonField'],
): PartialSuccess | null {
  const warning =
    ignored === 0 ? [] : [`${ignored} log records are no step signals and were ignored.`];
  const refusal = rejected.length === 0 ? [] : [refusalText(rejected)];
  if (warning.length + refusal.length === 0) return null;
  return { refused: rejected.length, message: [...refusal, ...warning].join('. '), jsonField };
}
