import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import type { KeyRule } from '@throughline/model/key';
import type { Step } from '@throughline/model/step';
import { decode } from '../../collector/src/decode/decode.js';
import { LIMITS } from '../../collector/src/limits.js';
import { normalize } from '../../collector/src/normalize/normalize.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import type { Flow } from '@throughline/model/policy';

/** The steps of spans that went through the front of the line: encoded, decoded, normalized. */
export function stepsOf(spans: readonly SpanDescription[], keys: readonly KeyRule[] = []): Step[] {
  return stepsOfBody(otlpJson(spans), keys);
}

export function stepsOfBody(json: string, keys: readonly KeyRule[] = []): Step[] {
  const { spans, rejected } = decode('otlp-json', Buffer.from(json));
  if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  return spans.map((span) => normalize(span, keys));
}

export function stitched(steps: readonly Step[], flows: readonly Flow[] = []): Stitcher {
  const stitcher = new Stitcher({ keyPartnersMax: LIMITS.keyPartnersMax, flows });
  stitcher.add(steps, 1);
  stitcher.takeChanges();
  return stitcher;
}
