import type { Page } from '@throughline/model/api/primitives';
import type { RunItem } from '@throughline/model/api/runs';
import type { OtlpJson } from '../../collector/src/decode/otlp-encoder.case.js';
import { plainSpansOf, type PlainSpan } from './plain-span.js';
import { getJson } from './witness.js';

/** Reads the spans of traces back through the API: each run that a trace is in, exported as OTLP/JSON. */
export async function exportedSpans(
  url: string,
  traces: ReadonlySet<string>,
): Promise<Map<string, PlainSpan>> {
  const found = new Map<string, PlainSpan>();
  const runs = new Set<string>();
  for (const trace of traces) {
    const page = await getJson<Page<RunItem>>(`${url}/api/v1/runs?key=trace:${trace}`);
    for (const { id } of page.items) runs.add(id);
  }
  for (const id of runs) {
    const request = await getJson<OtlpJson>(`${url}/api/v1/runs/${id}/export?format=otlp`);
    for (const span of plainSpansOf(request)) found.set(span.id, span);
  }
  return found;
}
