import type { Rule, Verdict } from '@throughline/model/finding';
import type { Corpus } from './corpus/corpus.js';
import { EXPECTED, KINDS, type Expected, type Label } from './corpus/kinds.js';
import type { ToldFlow } from './corpus/told-flow.js';
import type { Observed, Said } from './watch.js';

/** What is counted over flows of one label. */
export interface KindScore {
  readonly label: Label;
  readonly flows: number;
  /** Flows of which the right thing was said. */
  readonly found: number;
  /** Flows of which anything was said that is not true. */
  readonly wrong: number;
  /** Of those found with a verdict: how many, and how many of these are right. */
  readonly verdicts: number;
  readonly verdictsRight: number;
  /** Milliseconds from the fault to the finding, of those found. */
  readonly delaysMs: readonly number[];
}

export interface Score {
  readonly kinds: readonly KindScore[];
  readonly precision: number;
  readonly recall: number;
  readonly verdictAccuracy: number;
  readonly delaysMs: readonly number[];
  /** Flows of which something is said to be missing that is not. */
  readonly falseMissing: number;
  /** Flows whose spans did not all arrive, and of which nothing is said for that reason. */
  readonly withheld: number;
  readonly flows: number;
  readonly wrongOfNoFlow: number;
  /** Examples of what was said and is not true, or was not said. */
  readonly complaints: readonly string[];
}

/** Rules that argue from absence. */
const ABSENCE: ReadonlySet<Rule> = new Set([
  'stalled-run',
  'incomplete-fanout',
  'missing-consumer',
  'stopped-consumer',
  'unaccounted-messages',
  'uncompensated-effect',
]);

const COMPLAINTS_PER_KIND = 4;

export function score(
  corpus: Pick<Corpus, 'flows'>,
  observed: Observed,
  incomplete: ReadonlySet<number>,
): Score {
  const complaints: string[] = [];
  const labels: readonly Label[] = ['healthy', ...KINDS];
  const kinds = labels.map((label) => scoreOf(label, corpus.flows, { observed, complaints }));
  const sum = (of: (kind: KindScore) => number): number =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  for (const { rule, sentence } of observed.ofNoFlow.slice(0, COMPLAINTS_PER_KIND)) {
    complaints.push(`of no flow: ${rule}: ${sentence}`);
  }
  const wrongOfNoFlow = observed.ofNoFlow.length;
  const found = sum((kind) => kind.found);
  const wrong = sum((kind) => kind.wrong) + wrongOfNoFlow;
  const asked = sum((kind) => (EXPECTED[kind.label].rules.length === 0 ? 0 : kind.flows));
  const isSilent = ({ number, label }: ToldFlow): boolean =>
    incomplete.has(number) && isFalseMissingImpossible(label, observed.said.get(number));
  return {
    kinds,
    precision: share(found, found + wrong),
    recall: share(found, asked),
    verdictAccuracy: share(
      sum((kind) => kind.verdictsRight),
      sum((kind) => kind.verdicts),
    ),
    delaysMs: kinds.flatMap((kind) => kind.delaysMs),
    falseMissing: corpus.flows.filter(
      ({ label, number }) =>
        label !== 'unclear' && isFalselyMissing(EXPECTED[label], observed.said.get(number)),
    ).length,
    withheld: corpus.flows.filter(isSilent).length,
    flows: corpus.flows.length,
    wrongOfNoFlow,
    complaints,
  };
}

/** Of none of none all are right. */
function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

type SaidOfFlow = ReadonlyMap<Rule, Said> | undefined;

function isFalselyMissing({ rules, also }: Expected, said: SaidOfFlow): boolean {
  return [...(said?.keys() ?? [])].some(
    (rule) => ABSENCE.has(rule) && !rules.includes(rule) && !also.includes(rule),
  );
}

function isFalseMissingImpossible(label: ToldFlow['label'], said: SaidOfFlow): boolean {
  if (label === 'unclear') return false;
  return EXPECTED[label].rules.length === 0 && (said?.size ?? 0) === 0;
}

interface Told {
  readonly observed: Observed;
  readonly complaints: string[];
}

function scoreOf(
  label: Label,
  flows: readonly ToldFlow[],
  { observed, complaints }: Told,
): KindScore {
  const expected = EXPECTED[label];
  const score = { found: 0, wrong: 0, verdicts: 0, verdictsRight: 0, delaysMs: [] as number[] };
  let left = COMPLAINTS_PER_KIND;
  const complain = (flow: ToldFlow, text: string): void => {
    if ((left -= 1) < 0) return;
    const at = `${flow.shape.name} ${String(flow.number)} ${flow.point ?? ''}`;
    complaints.push(`${label} (${at}): ${text}`);
  };
  const own = flows.filter((flow) => flow.label === label);
  for (const flow of own) {
    const said = observed.said.get(flow.number);
    const right = expected.rules.flatMap((rule) => said?.get(rule) ?? []);
    const wrong = [...(said?.values() ?? [])].filter(
      ({ rule }) => !expected.rules.includes(rule) && !expected.also.includes(rule),
    );
    if (wrong[0] !== undefined) {
      score.wrong += 1;
      complain(flow, `${wrong[0].rule}: ${wrong[0].sentence}`);
    }
    if (expected.rules.length === 0) continue;
    if (right.length === 0) {
      complain(
        flow,
        `nothing was said${said === undefined ? '' : ` but ${[...said.keys()].join()}`}`,
      );
      continue;
    }
    score.found += 1;
    const firstMs = Math.min(...right.map((each) => each.firstMs));
    score.delaysMs.push(Math.max(0, firstMs - (flow.faultAtMs ?? 0)));
    const verdict = expected.verdicts === null ? null : mainVerdict(right);
    if (verdict === null || expected.verdicts === null) continue;
    score.verdicts += 1;
    if (expected.verdicts.includes(verdict)) score.verdictsRight += 1;
    else complain(flow, `verdict ${verdict}: ${right[0]?.sentence ?? ''}`);
  }
  return { label, flows: own.length, ...score };
}

/** What it comes to in the end: of each flow what was said, and the verdict that stood longest; and what is open. */
export function outputOf({ flows }: Pick<Corpus, 'flows'>, observed: Observed): readonly string[] {
  const ofFlows = flows.flatMap(({ number, label }) => {
    // Whoever waited longer than usual, and yet not for long, is found or not by a second.
    if (label === 'unclear') return [];
    const said = observed.said.get(number);
    return [...(said?.values() ?? [])].map(
      (each) => `flow ${String(number)} (${label}): ${each.rule} ${mainVerdict([each]) ?? ''}`,
    );
  });
  return [...ofFlows.sort(), ...observed.open];
}

/** The verdict that stood longest; null when no finding has one. */
function mainVerdict(right: readonly Said[]): Verdict | null {
  const total = new Map<Verdict, number>();
  for (const { rule, verdictMs } of right) {
    // It tells of many runs at once, and why the last of them waits.
    if (rule === 'deadline-missed') continue;
    for (const [verdict, ms] of verdictMs) total.set(verdict, (total.get(verdict) ?? 0) + ms);
  }
  const [main] = [...total].sort(([, a], [, b]) => b - a);
  return main?.[0] ?? null;
}
