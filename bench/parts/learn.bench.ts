import { policy } from '@throughline/fixtures/build/policy';
import type { Run } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { bench, describe } from 'vitest';
import { decode } from '../../collector/src/decode/decode.js';
import { Learner } from '../../collector/src/detect/learn/learner.js';
import { openingsOf } from '../../collector/src/detect/learn/opening.js';
import { RunIndex } from '../../collector/src/detect/run-index.js';
import { LIMITS } from '../../collector/src/limits.js';
import { normalize } from '../../collector/src/normalize/normalize.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { orderBody } from './orders.js';

const ORDERS = 1_000;

const stitcher = new Stitcher({ keyPartnersMax: LIMITS.keyPartnersMax, flows: [] });
stitcher.add(
  decode('otlp-json', orderBody(0, ORDERS)).spans.map((span) => normalize(span, [])),
  1,
);
const runs = stitcher.takeChanges().changed.map((id) => stitcher.run(id) as Run);
const [first] = runs;
if (first === undefined) throw new Error('every order is a run');
const start = first.startedAtNs;

describe(`${String(ORDERS)} choreographed orders of 16 spans`, () => {
  bench('find what could be reacted to, in every run', () => {
    for (const run of runs) openingsOf(new RunIndex(run), run.workflow);
  });

  bench('learn from every run, and judge all places once', () => {
    const learner = new Learner(policy());
    for (const run of runs) learner.put(new RunIndex(run));
    for (const _ of learner.refresh((start + nsFromMs(60_000)) as UnixNs)) break;
    if (learner.reactionsOf(first.workflow).length === 0) throw new Error('nothing was learned');
  });
});

describe(`${String(ORDERS)} orders are known`, () => {
  const learner = new Learner(policy());
  for (const run of runs) learner.put(new RunIndex(run));
  let now = start;

  bench('file one run anew, and learn its places again', () => {
    learner.put(new RunIndex(first));
    now = (now + nsFromMs(6_000)) as UnixNs;
    for (const _ of learner.refresh(now)) break;
  });
});
