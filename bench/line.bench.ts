import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { bench, describe } from 'vitest';
import { decode } from '../collector/src/decode/decode.js';
import { LIMITS } from '../collector/src/limits.js';
import { normalize } from '../collector/src/normalize/normalize.js';
import { Stitcher } from '../collector/src/stitch/stitch.js';

/** Orders as they reach a collector: every run whole, ids of its own, one body for each twenty runs. */
const RUNS_PER_BODY = 20;
const bodies = Array.from({ length: 25 }, (_, body) =>
  Array.from({ length: RUNS_PER_BODY }, (_run, run) =>
    happyOrder.tell(`bench-${String(body)}-${String(run)}`),
  ).flatMap(({ spans }) => spans),
);
const encoded = bodies.map((spans) => Buffer.from(otlpJson(spans)));
const wire = encoded.map((body) => decode('otlp-json', body).spans);
const steps = wire.map((spans) => spans.map((span) => normalize(span, [])));
const spanCount = bodies.reduce((sum, spans) => sum + spans.length, 0);

describe(`${String(spanCount)} spans of ${String(25 * RUNS_PER_BODY)} orders`, () => {
  bench('decode OTLP/JSON', () => {
    for (const body of encoded) decode('otlp-json', body);
  });

  bench('normalize', () => {
    for (const spans of wire) for (const span of spans) normalize(span, []);
  });

  bench('stitch and assemble every run', () => {
    const stitcher = new Stitcher({
      keyPartnersMax: LIMITS.keyPartnersMax,
      flows: happyOrder.policy.flows,
    });
    steps.forEach((batch, at) => stitcher.add(batch, at + 1));
    for (const id of stitcher.takeChanges().changed) stitcher.run(id);
  });
});
