import type { UnixNs } from '@throughline/model/time';
import { decode } from '../decode/decode.js';
import { inflate } from '../decode/inflate.js';
import type { StoredFacts } from '../store/sqlite/stored-facts.js';

export interface FactsReport {
  readonly file: string;
  readonly ok: boolean;
  readonly schema: number;
  readonly bodies: number;
  readonly bodiesByFormat: Readonly<Record<string, number>>;
  readonly spans: number;
  /** Spans that were refused when they came: their bodies are kept whole. */
  readonly rejected: number;
  /** What is wrong with the file or with a body, each in a sentence. */
  readonly faults: readonly string[];
}

/** Looks at every page of the file, and reads every body as a start would. */
export function checkFacts(facts: StoredFacts, onBody: (count: number) => void): FactsReport {
  const faults = [...facts.integrity()];
  const byFormat: Record<string, number> = {};
  let bodies = 0;
  let spans = 0;
  let rejected = 0;
  for (const body of facts.bodies(0, (text) => faults.push(text))) {
    bodies += 1;
    byFormat[body.format] = (byFormat[body.format] ?? 0) + 1;
    try {
      const bytes = inflate(body.body, body.contentEncoding);
      const decoded = decode(body.format, bytes, body.receivedAtNs as UnixNs);
      spans += decoded.spans.length;
      rejected += decoded.rejected.length;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      faults.push(`Body ${body.id} (${body.format}) cannot be read: ${why}`);
    }
    onBody(bodies);
  }
  return {
    file: facts.file,
    ok: faults.length === 0,
    schema: facts.schema,
    bodies,
    bodiesByFormat: byFormat,
    spans,
    rejected,
    faults,
  };
}
