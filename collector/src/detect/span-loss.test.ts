import { policy } from '@throughline/fixtures/build/policy';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { describe, expect, it } from 'vitest';
import { decode } from '../decode/decode.js';
import { LIMITS } from '../limits.js';
import { normalize } from '../normalize/normalize.js';
import { Stitcher } from '../stitch/stitch.js';
import { RunIndex } from './run-index.js';
import { SpanLoss } from './span-loss.js';

const SERVICES = ['picker', 'packer', 'carrier', 'billing'];

/** Each service takes the message of the one before, works, and sends its own. */
function chain(number: number, isLost: (span: number) => boolean): readonly SpanDescription[] {
  const correlation = `ord-${String(number)}`;
  const line = new Storyline({ seed: correlation, startNs: STORY_START_NS, correlation });
  let sent = line.send({ type: 'begun', to: 'orders', by: 'shop', at: 0 });
  SERVICES.forEach((by, at) => {
    const inside = line.take(sent, { by, at: at * 1_000 + 100 });
    line.step({ by, name: 'work', at: at * 1_000 + 105, inside });
    sent = line.send({ type: `${by} done`, to: 'orders', by, at: at * 1_000 + 110, inside });
  });
  return line.spans.filter((_, span) => !isLost(span));
}

function shareOf(runs: number, isLost: (number: number, span: number) => boolean): number | null {
  const stitcher = new Stitcher({ keyPartnersMax: LIMITS.keyPartnersMax, flows: [] });
  const { keys } = policy();
  for (let number = 0; number < runs; number += 1) {
    const spans = chain(number, (span) => isLost(number, span));
    const body = new TextEncoder().encode(otlpJson(spans));
    stitcher.add(
      decode('otlp-json', body).spans.map((span) => normalize(span, keys)),
      number + 1,
    );
  }
  const loss = new SpanLoss();
  for (const id of stitcher.takeChanges().changed) {
    const run = stitcher.run(id);
    if (run) loss.put(new RunIndex(run));
  }
  return loss.share;
}

describe('of all spans, the share that gets lost', () => {
  it('is not known from a few', () => {
    expect(shareOf(20, () => false)).toBeNull();
  });

  it('is nothing where all causes come', () => {
    expect(shareOf(200, () => false)).toBe(0);
  });

  it('is told by the causes that steps name and that never came', () => {
    // Every fiftieth span, wherever it is.
    const share = shareOf(300, (number, span) => (number * 13 + span) % 50 === 7);
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.03);
  });

  it('is nothing where one service loses its own', () => {
    expect(shareOf(300, (number, span) => number % 10 === 0 && (span === 4 || span === 5))).toBe(0);
  });
});
