import type { Rule, Verdict } from '@throughline/model/finding';
import { beforeAll, describe, expect, test } from 'vitest';
import { barsOf, falseAlarms } from './bars.js';
import { measure, quietCorpus, type Cell, type CellName } from './cells.js';
import { tellCorpus, type Corpus } from './corpus/corpus.js';
import { KINDS } from './corpus/kinds.js';
import { SHAPES } from './corpus/shapes.js';
import type { ToldFlow } from './corpus/told-flow.js';
import { accuracyPolicy } from './policy.js';
import { perturbed, type Arrival } from './perturb.js';
import { outputOf, score } from './score.js';
import { watch, type Observed, type Said } from './watch.js';

/** Every kind of fault, in the flows of which somebody declared what should follow: few healthy ones will do. */
const shapes = SHAPES.filter(({ name }) => ['fulfilment', 'claims', 'loan'].includes(name));
const spec = { seed: 'test', healthy: 60, each: 3, everyMs: 4_000, shapes };
const corpus = tellCorpus(spec);

const missedBars = (cell: Cell, clean: Cell): string[] =>
  barsOf(cell, clean).flatMap(({ text, isMet }) => (isMet ? [] : [text]));

const withObserved = (cell: Cell, observed: Observed, flows: Corpus['flows'] = corpus.flows) => ({
  ...cell,
  observed,
  output: outputOf({ flows }, observed),
  score: score({ flows }, observed, new Set()),
});

describe('a small labelled corpus', { timeout: 120_000 }, () => {
  let clean: Cell;
  beforeAll(async () => {
    clean = await measure(corpus, { name: 'clean', seed: 'test' });
  }, 120_000);

  test('has flows of every kind of fault', () => {
    const labels = new Set(corpus.flows.map(({ label }) => label));
    expect(KINDS.filter((kind) => !labels.has(kind))).toEqual([]);
  });

  test('is told the same from the same seed', () => {
    const again = tellCorpus(spec);
    const spansOf = ({ flows }: Corpus) => flows.map(({ line }) => line.spans);
    expect(spansOf(again)).toEqual(spansOf(corpus));
  });

  test('is judged without a mistake', () => {
    expect(clean.score.complaints).toEqual([]);
    expect(missedBars(clean, clean)).toEqual([]);
  });

  const perturbations: readonly CellName[] = ['duplicates', 'reorder', 'skew'];
  test.each(perturbations)('is judged as well with %s', async (name) => {
    const cell = await measure(corpus, { name, seed: 'test' });
    expect(missedBars(cell, clean), cell.score.complaints.join('\n')).toEqual([]);
  });

  describe('a bar is missed', () => {
    test.each<Rule>(['event-cycle', 'duplicate-effect', 'retry-storm', 'late-success'])(
      'when nobody judges by %s',
      (rule) => {
        const said = changed(clean.observed, (all) => all.filter((each) => each.rule !== rule));
        expect(missedBars(withObserved(clean, said), clean)).toContain('R = 1');
      },
    );

    test('when labels are dealt out anew', () => {
      const labels = corpus.flows.map(({ label }) => label);
      const flows = corpus.flows.map((flow, at): ToldFlow => ({
        ...flow,
        label: labels.at(at - 7) ?? 'healthy',
      }));
      const missed = missedBars(withObserved(clean, clean.observed, flows), clean);
      expect(missed).toEqual(expect.arrayContaining(['P = 1', 'R = 1']));
    });

    test('when every standstill is called a lack of telemetry', () => {
      const blind = changed(clean.observed, (all) =>
        all.map((each) => ({
          ...each,
          verdictMs: new Map<Verdict, number>([['telemetry-gap', 1]]),
        })),
      );
      expect(missedBars(withObserved(clean, blind), clean)).toContain('verdict right in 95 %');
    });

    test('when something is said to be missing of one healthy flow in a hundred', () => {
      const healthy = corpus.flows.find(({ label }) => label === 'healthy')?.number ?? 0;
      const said = new Map(clean.observed.said);
      const sentence = 'billing did not react';
      const false_: Said = {
        rule: 'incomplete-fanout',
        firstMs: 0,
        verdictMs: new Map(),
        sentence,
      };
      said.set(healthy, new Map([['incomplete-fanout', false_]]));
      const cell = withObserved({ ...clean, name: 'loss' }, { ...clean.observed, said });
      expect(missedBars(cell, clean)).toEqual(['false "missing" ≤ 0.1 %']);
    });

    test('when a span that comes twice is taken for two', async () => {
      const { arrivals } = perturbed(corpus, 'duplicates', 'test');
      const observed = await watch(corpus, { arrivals: renamed(arrivals) }, accuracyPolicy());
      const cell = withObserved({ ...clean, name: 'duplicates' }, observed);
      expect(missedBars(cell, clean)).toEqual(['output as clean']);
    });

    test('when edges lead backwards', async () => {
      const flows = corpus.flows.map((flow) => ({ ...flow, line: backwards(flow.line) }));
      const { arrivals } = perturbed(corpus, 'skew', 'test');
      const observed = await watch({ ...corpus, flows }, { arrivals }, accuracyPolicy());
      expect(missedBars({ ...clean, name: 'skew', observed }, clean)).toEqual(['no reversed edge']);
    });

    test('when a quiet time is judged without any patience', async () => {
      const hour = quietCorpus({ seed: 'test', healthy: 0, each: 0, quiet: 60 }, shapes);
      const policy = accuracyPolicy();
      const stalled = { minSamples: 5, probability: 0.9, factor: 0.1, floorMs: 0, graceMs: 0 };
      const detect = { ...policy.detect, stalled, arrivalGraceMs: 0 };
      const name = 'quiet week';
      const measuring = { name, seed: 'test', policy: { ...policy, detect } } as const;
      const impatient = await measure(hour, measuring);
      expect(falseAlarms(impatient)).toBeGreaterThan(0);
      expect(missedBars(impatient, clean)).toEqual(['no false alarm']);
    });
  });
});

function changed(observed: Observed, change: (all: readonly Said[]) => readonly Said[]): Observed {
  const said = [...observed.said].map(([flow, byRule]) => {
    const all = change([...byRule.values()]);
    return [flow, new Map(all.map((each) => [each.rule, each]))] as const;
  });
  return { ...observed, said: new Map(said) };
}

/** The second time that a span comes it has an id of its own. */
function renamed(arrivals: readonly Arrival[]): readonly Arrival[] {
  const seen = new Set<unknown>();
  return arrivals.map((arrival) => {
    const { span } = arrival;
    if (!seen.has(span)) {
      seen.add(span);
      return arrival;
    }
    const spanId = [...span.spanId].reverse().join('') as typeof span.spanId;
    return { ...arrival, span: { ...span, spanId } };
  });
}

function backwards(line: ToldFlow['line']): ToldFlow['line'] {
  const edges = line.edges.map(({ from, to, ...rest }) => ({ ...rest, from: to, to: from }));
  return Object.assign(Object.create(line) as ToldFlow['line'], { spans: line.spans, edges });
}
