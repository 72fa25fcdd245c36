import { bench, describe } from 'vitest';
import { decode } from '../../collector/src/decode/decode.js';
import { LIMITS } from '../../collector/src/limits.js';
import { normalize } from '../../collector/src/normalize/normalize.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { orderBody } from './orders.js';

const BODIES = 25;
const ORDERS_PER_BODY = 20;

const bodies = Array.from({ length: BODIES }, (_, at) =>
  orderBody(at * ORDERS_PER_BODY, ORDERS_PER_BODY),
);
const wire = bodies.map((body) => decode('otlp-json', body).spans);
const steps = wire.map((spans) => spans.map((span) => normalize(span, [])));
const spanCount = steps.flat().length;

describe(`${String(spanCount)} spans of ${String(BODIES * ORDERS_PER_BODY)} orders`, () => {
  bench('decode OTLP/JSON', () => {
    for (const body of bodies) decode('otlp-json', body);
  });

  bench('normalize', () => {
    for (const spans of wire) for (const span of spans) normalize(span, []);
  });

  bench('stitch, and assemble every run', () => {
    const stitcher = new Stitcher({ keyPartnersMax: LIMITS.keyPartnersMax, flows: [] });
    steps.forEach((batch, at) => stitcher.add(batch, at + 1));
    const { changed } = stitcher.takeChanges();
    if (changed.length !== BODIES * ORDERS_PER_BODY) throw new Error('every order is a run');
    for (const id of changed) stitcher.run(id);
  });
});
