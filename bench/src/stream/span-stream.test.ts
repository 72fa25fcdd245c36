import { describe, expect, it } from 'vitest';
import { PROFILES, profileNamed } from './profiles.js';
import { KIND, type StreamSpan } from './span.js';
import { SpanStream, type Batch, type StreamSpec } from './span-stream.js';

const plain: StreamSpec = {
  profile: 'choreography',
  seed: 'test',
  spans: 3_000,
  batch: 512,
  openRuns: 40,
  disorderS: 0,
  duplicates: 0,
  missingConsumers: 0,
  leavesOpen: false,
  pace: 20_000,
  startNs: 1_800_000_000_000_000_000n,
};

interface Made {
  readonly batches: readonly Batch[];
  readonly spans: readonly StreamSpan[];
  readonly runs: readonly number[];
  readonly keys: readonly (string | null)[];
}

function make(change: Partial<StreamSpec> = {}): Made {
  const spec = { ...plain, ...change };
  const stream = new SpanStream(spec, profileNamed(spec.profile));
  const batches = [...stream.batches()];
  const spans = batches.flatMap((batch) => batch.spans);
  const runs = batches.flatMap((batch) => [...batch.runs]);
  return { batches, spans, runs, keys: stream.truth.keys };
}

const keyOf = ({ attributes }: StreamSpan): string | undefined => {
  const names = [
    'messaging.message.conversation_id',
    'throughline.key.case',
    'gen_ai.conversation.id',
  ];
  return attributes.find(([name]) => names.includes(name))?.[1] as string | undefined;
};
const id = ({ traceId, spanId }: Pick<StreamSpan, 'traceId' | 'spanId'>): string =>
  `${traceId}/${spanId}`;
const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));

/** Enough of every profile, of which some have runs of two hundred spans. */
const few = { spans: 800, batch: 64, openRuns: 4 };
const small = PROFILES.filter(({ name }) => name !== 'one-run').map(({ name }) => name);

describe('a stream', () => {
  it.each(small)('of %s is the same for the same seed, and another for another', (profile) => {
    const once = make({ profile, ...few });
    expect(text(make({ profile, ...few }))).toBe(text(once));
    expect(text(make({ profile, ...few, seed: 'other' }))).not.toBe(text(once));
  });

  it.each(small)('of %s says of which run each span is, and the key is the truth', (profile) => {
    const { spans, runs, keys } = make({ profile, ...few });
    expect(spans.length).toBeGreaterThanOrEqual(few.spans);
    expect(new Set(spans.map(id)).size).toBe(spans.length);
    const traces = new Map<string, number>();
    const astray = spans.filter((span, at) => {
      const run = runs[at] ?? -1;
      const key = keyOf(span);
      // A trace belongs to one run, so that a span without a key is tied by it.
      const other = traces.get(span.traceId) ?? run;
      traces.set(span.traceId, run);
      return (key !== undefined && key !== keys[run]) || other !== run;
    });
    expect(astray).toEqual([]);
  });

  it.each(small)(
    'of %s is healthy: what is sent is taken, parents and links are there',
    (profile) => {
      const { spans } = make({ profile, ...few });
      const known = new Set(spans.map(id));
      const messages = new Map<unknown, number>();
      for (const { kind, attributes } of spans) {
        const message = attributes.find(([name]) => name === 'messaging.message.id')?.[1];
        if (message === undefined) continue;
        const step = kind === KIND.producer ? 1 : -1;
        messages.set(message, (messages.get(message) ?? 0) + step);
      }
      expect([...messages.values()].filter((open) => open !== 0)).toEqual([]);
      const isLost = ({ traceId, parentId, link }: StreamSpan): boolean =>
        (parentId !== null && !known.has(`${traceId}/${parentId}`)) ||
        (link !== null && !known.has(id(link)));
      expect(spans.filter(isLost)).toEqual([]);
      expect(spans.filter(({ startNs, endNs }) => endNs < startNs)).toEqual([]);
    },
  );

  it('is choreography as described: 10 spans, 5 traces, 12 attributes, one service a batch', () => {
    const { batches, spans, runs, keys } = make();
    const counts = new Map<number, number>();
    for (const run of runs) counts.set(run, (counts.get(run) ?? 0) + 1);
    expect(new Set(counts.values())).toEqual(new Set([10]));
    expect(counts.size).toBe(keys.length);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(5 * keys.length);
    expect(new Set(spans.map(({ attributes }) => attributes.length))).toEqual(new Set([12]));
    const full = batches.filter((batch) => batch.spans.length === plain.batch);
    expect(full.length).toBeGreaterThan(3);
    expect(Math.max(...batches.map((batch) => batch.spans.length))).toBe(plain.batch);
  });

  it('keeps as many runs open as it is told to', () => {
    const { spans, runs } = make({ batch: 1, openRuns: 7 });
    const left = new Map<number, number>();
    let most = 0;
    for (const run of runs.slice(0, spans.length)) {
      const spansLeft = (left.get(run) ?? 10) - 1;
      if (spansLeft === 0) left.delete(run);
      else left.set(run, spansLeft);
      most = Math.max(most, left.size);
    }
    // One span of a hop may still wait for its batch while the next run begins.
    expect(most).toBeGreaterThanOrEqual(6);
    expect(most).toBeLessThanOrEqual(7 + 5);
  });

  it('sends duplicates beside the truth, in which they do not count', () => {
    const { spans, runs } = make({ duplicates: 0.1 });
    const extra = runs.filter((run) => run < 0).length;
    expect(extra).toBeGreaterThan(plain.spans * 0.05);
    const known = new Set(spans.filter((_, at) => (runs[at] ?? -1) >= 0).map(id));
    expect(known.size).toBe(spans.length - extra);
    expect(spans.every((span) => known.has(id(span)))).toBe(true);
  });

  it('is in disorder for as long as it is told to, and loses nothing by it', () => {
    const late = make({ batch: 1, disorderS: 0.1 });
    const lagMs = ({ spans }: Made): number => {
      let newestNs = 0n;
      let lagNs = 0n;
      for (const { startNs } of spans) {
        if (startNs > newestNs) newestNs = startNs;
        else if (newestNs - startNs > lagNs) lagNs = newestNs - startNs;
      }
      return Number(lagNs / 1_000_000n);
    };
    expect(lagMs(late)).toBeGreaterThan(lagMs(make({ batch: 1 })) + 50);
    const sent = new Set(late.spans.map(id));
    expect(sent.size).toBe(late.spans.length);
    expect(late.spans.filter(({ link }) => link !== null && !sent.has(id(link)))).toEqual([]);
    expect(late.spans.length).toBe(10 * late.keys.length);
  });

  it('leaves messages untaken where consumers are missing', () => {
    const { spans } = make({ missingConsumers: 0.5 });
    const taken = new Set(spans.flatMap(({ link }) => (link === null ? [] : [link.spanId])));
    const lost = spans.filter(
      ({ kind, spanId }) => kind === KIND.producer && !taken.has(spanId),
    ).length;
    expect(lost).toBeGreaterThan(10);
  });
});
