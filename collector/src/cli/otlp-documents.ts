import { CliFault, EXIT } from './exit-code.js';

export interface OtlpDocument {
  /** Text of one ExportTraceServiceRequest in OTLP/JSON, as it stood in the file. */
  readonly document: string;
  /** Where it stands, for people. */
  readonly place: string;
  readonly spanCount: number;
}

/**
 * The requests in a file: the whole file is one JSON document, or every line is one, as the OpenTelemetry
 * collector's file exporter writes them.
 *
 * @throws CliFault that names the line which is neither.
 */
export function* otlpDocuments(bytes: Uint8Array, file: string): Generator<OtlpDocument> {
  const text = new TextDecoder().decode(bytes);
  const whole = parsed(text);
  if (whole !== undefined) {
    yield documentOf(text, whole, file);
    return;
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const place = `${file}:${index + 1}`;
    const value = parsed(line);
    if (value === undefined) throw new CliFault(EXIT.usage, `${place} is not JSON`);
    yield documentOf(line, value, place);
  }
}

function documentOf(document: string, value: unknown, place: string): OtlpDocument {
  const resourceSpans = listIn(value, 'resourceSpans');
  if (resourceSpans === undefined) {
    throw new CliFault(
      EXIT.usage,
      `${place} has no resourceSpans`,
      'Give OTLP/JSON: an object with resourceSpans, or one such object per line.',
    );
  }
  const spans = resourceSpans
    .flatMap((one) => listIn(one, 'scopeSpans') ?? [])
    .flatMap((one) => listIn(one, 'spans') ?? []);
  return { document, place, spanCount: spans.length };
}

function listIn(value: unknown, name: string): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined;
  const list: unknown = (value as Record<string, unknown>)[name];
  return Array.isArray(list) ? list : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
