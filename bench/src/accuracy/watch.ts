import { Engine } from '@throughline/collector/engine';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import type { Finding, Rule, Verdict } from '@throughline/model/finding';
import type { FindingId, RunId, StepId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import { nsFromMs } from '@throughline/model/time';
import type { Corpus } from './corpus/corpus.js';
import { memoryFacts } from './memory-facts.js';
import { serviceOf, type Arrival, type Perturbed } from './perturb.js';
import { ToldClock } from './told-clock.js';

/** What was said of one flow by one rule, over all the time. Milliseconds from the start of the corpus. */
export interface Said {
  readonly rule: Rule;
  firstMs: number;
  /** How long each verdict stood. */
  readonly verdictMs: Map<Verdict, number>;
  /** The first finding's words, for people. */
  readonly sentence: string;
}

export interface Observed {
  /** By the number of the flow, then by rule. */
  readonly said: ReadonlyMap<number, ReadonlyMap<Rule, Said>>;
  /** Findings that name no run of any flow. */
  readonly ofNoFlow: readonly Finding[];
  /** What is open in the end, word for word, but for how long ago it was. */
  readonly open: readonly string[];
  /** Edges that lead against what was told. */
  readonly reversedEdges: number;
  readonly edges: number;
  /** Runs that hold spans of several flows. */
  readonly gluedRuns: number;
  readonly spans: number;
}

const SWEEP_MS = 1_000;
/** While nothing comes, the line sweeps on by itself; what it finds is noted so often. */
const IDLE_MS_MAX = 20_000;

/** Lets the line live through the corpus, second by second, as it comes in. */
export async function watch(
  corpus: Corpus,
  { arrivals }: Pick<Perturbed, 'arrivals'>,
  policy: Policy,
): Promise<Observed> {
  const watching = new Watching(corpus, policy);
  let next = 0;
  for (let atMs = 0; atMs <= corpus.endMs;) {
    const from = next;
    while ((arrivals[next]?.atMs ?? Infinity) <= atMs) next += 1;
    await watching.second(arrivals.slice(from, next), atMs);
    const idleMs = Math.min(IDLE_MS_MAX, (arrivals[next]?.atMs ?? Infinity) - atMs);
    atMs += Math.max(1, Math.ceil(idleMs / SWEEP_MS)) * SWEEP_MS;
  }
  await watching.second(arrivals.slice(next), corpus.endMs + SWEEP_MS);
  return watching.end(corpus.endMs + SWEEP_MS);
}

class Watching {
  readonly #corpus: Corpus;
  readonly #clock = new ToldClock(STORY_START_NS);
  readonly #engine: Engine;
  readonly #flowOfTrace = new Map<string, number>();
  readonly #flowsOfRun = new Map<RunId, ReadonlySet<number>>();
  readonly #said = new Map<number, Map<Rule, Said>>();
  readonly #ofNoFlow = new Map<FindingId, Finding>();
  /** What holds of a run now, since when. */
  readonly #current = new Map<RunId, Map<FindingId, { finding: Finding; sinceMs: number }>>();
  readonly #runsOf = new Map<FindingId, Set<RunId>>();
  readonly #seen = new Map<FindingId, Finding>();
  #hasNews = false;
  #spans = 0;

  constructor(corpus: Corpus, policy: Policy) {
    this.#corpus = corpus;
    for (const { number, line } of corpus.flows) {
      for (const { traceId } of line.spans) this.#flowOfTrace.set(traceId, number);
    }
    this.#engine = new Engine({
      store: memoryFacts(),
      clock: this.#clock.clock,
      policy,
      onTrouble: (text) => {
        throw new Error(text);
      },
      onChange: ({ runs, findings }) => {
        for (const id of runs) this.#place(id);
        this.#hasNews ||= findings;
      },
      onSwept: () => undefined,
    });
    this.#engine.pipeline.start();
  }

  async second(arrivals: readonly Arrival[], atMs: number): Promise<void> {
    const { pipeline } = this.#engine;
    for (const body of bodiesOf(arrivals)) {
      const inflated = new TextEncoder().encode(otlpJson(body));
      this.#spans += body.length;
      await pipeline.accept({
        format: 'otlp-json',
        contentEncoding: 'identity',
        raw: inflated,
        inflated,
      });
    }
    if (arrivals.length > 0) pipeline.settle();
    this.#clock.moveTo(STORY_START_NS + nsFromMs(atMs));
    if (this.#hasNews) this.#note(atMs);
    this.#hasNews = false;
  }

  async end(atMs: number): Promise<Observed> {
    for (const id of this.#flowsOfRun.keys()) this.#update(id, atMs);
    for (const id of this.#current.keys()) this.#leaveAll(id, atMs);
    const glued = [...this.#flowsOfRun.values()].filter(({ size }) => size > 1);
    const observed = {
      said: this.#said,
      ofNoFlow: [...this.#ofNoFlow.values()],
      open: this.#open(),
      ...this.#edges(),
      gluedRuns: glued.length,
      spans: this.#spans,
    };
    await this.#engine.pipeline.close();
    return observed;
  }

  #place(id: RunId): void {
    const traces = this.#engine.tables.runs.get(id)?.traceIds ?? [];
    const flows = new Set<number>();
    for (const trace of traces) {
      const flow = this.#flowOfTrace.get(trace);
      if (flow !== undefined) flows.add(flow);
    }
    this.#flowsOfRun.set(id, flows);
  }

  /** Looks again at every run that a finding names, or named, which has changed. */
  #note(atMs: number): void {
    const touched = new Set<RunId>();
    for (const finding of this.#engine.detector.findings()) {
      if (this.#seen.get(finding.id) === finding) continue;
      this.#seen.set(finding.id, finding);
      for (const id of finding.runIds) touched.add(id);
      for (const id of this.#runsOf.get(finding.id) ?? []) touched.add(id);
      const isOfFlow = finding.runIds.some((id) => (this.#flowsOfRun.get(id)?.size ?? 0) > 0);
      if (!isOfFlow && finding.state !== 'closed') this.#ofNoFlow.set(finding.id, finding);
    }
    for (const id of touched) this.#update(id, atMs);
  }

  #update(id: RunId, atMs: number): void {
    const now = new Map(this.#engine.detector.findingsOfRun(id).map((each) => [each.id, each]));
    const current = this.#current.get(id) ?? new Map<FindingId, never>();
    for (const [findingId, held] of current) {
      const is = now.get(findingId);
      if (is !== undefined && is.verdict === held.finding.verdict) now.delete(findingId);
      else this.#leave(id, held, atMs);
    }
    for (const finding of now.values()) this.#enter(id, finding, atMs);
  }

  #enter(id: RunId, finding: Finding, atMs: number): void {
    const current =
      this.#current.get(id) ?? new Map<FindingId, { finding: Finding; sinceMs: number }>();
    current.set(finding.id, { finding, sinceMs: atMs });
    this.#current.set(id, current);
    const runs = this.#runsOf.get(finding.id) ?? new Set<RunId>();
    this.#runsOf.set(finding.id, runs.add(id));
    for (const flow of this.#flowsOfRun.get(id) ?? []) {
      const ofFlow = this.#said.get(flow) ?? new Map<Rule, Said>();
      this.#said.set(flow, ofFlow);
      const { rule, sentence } = finding;
      const said = ofFlow.get(rule);
      if (said === undefined) {
        ofFlow.set(rule, { rule, firstMs: atMs, verdictMs: new Map(), sentence });
      } else said.firstMs = Math.min(said.firstMs, atMs);
    }
  }

  #leave(id: RunId, held: { finding: Finding; sinceMs: number }, atMs: number): void {
    const { finding, sinceMs } = held;
    this.#current.get(id)?.delete(finding.id);
    if (finding.verdict === null) return;
    for (const flow of this.#flowsOfRun.get(id) ?? []) {
      const stood = this.#said.get(flow)?.get(finding.rule)?.verdictMs;
      stood?.set(finding.verdict, (stood.get(finding.verdict) ?? 0) + atMs - sinceMs);
    }
  }

  #leaveAll(id: RunId, atMs: number): void {
    for (const held of [...(this.#current.get(id)?.values() ?? [])]) this.#leave(id, held, atMs);
  }

  #open(): readonly string[] {
    return this.#engine.detector
      .findings()
      .filter(({ state }) => state !== 'closed')
      .map(({ id, verdict, runsAffected, sentence }) =>
        JSON.stringify([id, verdict, runsAffected, withoutAges(sentence)]),
      )
      .sort();
  }

  #edges(): { reversedEdges: number; edges: number } {
    const told = new Map<StepId, Set<StepId>>();
    for (const { line } of this.#corpus.flows) {
      for (const { from, to } of line.edges) told.set(from, (told.get(from) ?? new Set()).add(to));
    }
    let [reversedEdges, edges] = [0, 0];
    for (const id of this.#flowsOfRun.keys()) {
      for (const { from, to } of this.#engine.stitcher.run(id)?.edges ?? []) {
        edges += 1;
        if (told.get(to)?.has(from) === true) reversedEdges += 1;
      }
    }
    return { reversedEdges, edges };
  }
}

/** Sentences are worded anew now and then: how long ago something was depends on when. */
function withoutAges(sentence: string): string {
  return sentence.replace(/[\d.,]+ (?:ms|s|min|h|days?)\b/g, '#');
}

/** What each service sends in this second: one request each, in the order in which the first span came. */
function bodiesOf(arrivals: readonly Arrival[]): Iterable<readonly SpanDescription[]> {
  const byService = new Map<string, SpanDescription[]>();
  for (const { span } of arrivals) {
    const service = serviceOf(span);
    const body = byService.get(service);
    if (body === undefined) byService.set(service, [span]);
    else body.push(span);
  }
  return byService.values();
}
