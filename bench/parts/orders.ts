import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { wholeOrder } from '@throughline/fixtures/scenarios/order-acts';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';

/** The spans of one choreographed order, from the shop to the last listener: a run of its own per number. */
export function orderSpans(number: number): readonly SpanDescription[] {
  const line = new Storyline({
    correlation: `ord-${String(number)}`,
    seed: `bench/${String(number)}`,
    startNs: STORY_START_NS,
  });
  wholeOrder(line, String(number));
  return line.spans;
}

/** A request body with that many orders, numbered from `first` on. */
export function orderBody(first: number, count: number): Uint8Array<ArrayBuffer> {
  const orders = Array.from({ length: count }, (_, at) => orderSpans(first + at));
  return new TextEncoder().encode(otlpJson(orders.flat()));
}
