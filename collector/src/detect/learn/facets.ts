import type { RunStep } from '@throughline/model/run';
import type { AttributeValue, Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { RunIndex } from '../run-index.js';

/**
 * What is known of a run by attributes with few values (country, channel, priority): name and value in turn, in order
 * of the names.
 */
export type Facets = readonly string[];

/** Attributes of conventions and of ourselves: they tell how a span was made, not what the run is about. */
const TECHNICAL = new Set(
  (
    'aws az azure browser client cloud code component container cpython db deployment destination device dns ' +
    'elasticsearch enduser error event events exception faas gcp gen_ai go graphql host http internal jvm k8s ' +
    'kafka library log messaging net network nodejs otel peer process rabbitmq redis resource rpc server service ' +
    'session source span telemetry thread throughline tls url user_agent v8js'
  ).split(' '),
);
const TECHNICAL_WORDS = new Set(['component', 'error', 'lc', 'ot']);

const NAME_CHARS_MAX = 64;
const VALUE_CHARS_MAX = 40;
/** Numbers of many digits, and what is written in hexadecimal: ids and times, which differ in each run. */
const ID = /\d{5}|[0-9a-f]{12}|[0-9a-f]{8}-/i;
const NO_FACETS: Facets = [];

/** An attribute and its value. */
type Said = readonly [attribute: string, value: string];

interface Since {
  readonly attribute: string;
  readonly value: string;
  readonly sinceNs: UnixNs;
}

/**
 * What was known when an act was done: what its own step says, else what steps before it said first. What was said
 * later is left out: it may be the very reaction that speaks. A pure function of the run.
 */
export class FacetsOfRun {
  readonly #known: readonly Since[];
  readonly #keyValues: ReadonlySet<string>;
  readonly #saidBy = new Map<Step, readonly Said[]>();
  /** By how many of them were known. */
  readonly #shared = new Map<number, Facets>();

  constructor({ run }: RunIndex) {
    this.#keyValues = new Set(run.keys.map(({ value }) => value));
    const first = new Map<string, Since>();
    for (const { step, correctedStartNs } of run.steps.slice(0, LIMITS.learnFacetStepsMax)) {
      for (const [attribute, value] of this.#said(step)) {
        const known = first.get(attribute);
        const isEarlier =
          known === undefined ||
          correctedStartNs < known.sinceNs ||
          (correctedStartNs === known.sinceNs && value < known.value);
        if (isEarlier) first.set(attribute, { attribute, value, sinceNs: correctedStartNs });
      }
    }
    this.#known = [...first.values()].sort((a, b) =>
      a.sinceNs === b.sinceNs
        ? a.attribute < b.attribute
          ? -1
          : 1
        : a.sinceNs < b.sinceNs
          ? -1
          : 1,
    );
  }

  /** @param own the step that did the act, if it is known. */
  at(atNs: UnixNs, own: RunStep | undefined): Facets {
    let count = 0;
    while (count < this.#known.length && (this.#known[count] as Since).sinceNs <= atNs) count += 1;
    const shared = this.#shared.get(count) ?? flat(this.#known.slice(0, count));
    this.#shared.set(count, shared);
    if (own === undefined) return shared;
    const said = this.#said(own.step);
    if (said.every(([attribute, value]) => valueOf(shared, attribute) === value)) return shared;
    const all = new Map(
      this.#known.slice(0, count).map(({ attribute, value }) => [attribute, value]),
    );
    for (const [attribute, value] of said) all.set(attribute, value);
    return flat([...all].map(([attribute, value]) => ({ attribute, value })));
  }

  /** What the step itself says; it is asked of for the run, and for each act of the step. */
  #said(step: Step): readonly Said[] {
    const known = this.#saidBy.get(step);
    if (known !== undefined) return known;
    const said: Said[] = [];
    step.attributes.forEach((value, name) => {
      const text = isTelling(name) ? textOf(value) : null;
      if (text !== null && !this.#keyValues.has(text)) said.push([name, text]);
    });
    this.#saidBy.set(step, said);
    return said;
  }
}

export function valueOf(facets: Facets, attribute: string): string | undefined {
  for (let at = 0; at < facets.length; at += 2) {
    if (facets[at] === attribute) return facets[at + 1];
  }
  return undefined;
}

/** The first names in the alphabet, when there are too many. */
function flat(known: readonly Omit<Since, 'sinceNs'>[]): Facets {
  if (known.length === 0) return NO_FACETS;
  return [...known]
    .sort((a, b) => (a.attribute < b.attribute ? -1 : 1))
    .slice(0, LIMITS.learnFacetsMax)
    .flatMap(({ attribute, value }) => [attribute, value]);
}

/** Names are few, and each comes with every step. */
const judged = new Map<string, boolean>();
const JUDGED_MAX = 10_000;

function isTelling(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isOne = tells(name);
  if (judged.size >= JUDGED_MAX) judged.clear();
  if (name.length <= NAME_CHARS_MAX) judged.set(name, isOne);
  return isOne;
}

function tells(name: string): boolean {
  if (name.length > NAME_CHARS_MAX || name.includes('[')) return false;
  const dot = name.indexOf('.');
  return dot === -1 ? !TECHNICAL_WORDS.has(name) : !TECHNICAL.has(name.slice(0, dot));
}

function textOf(value: AttributeValue): string | null {
  if (typeof value === 'string') {
    return value === '' || value.length > VALUE_CHARS_MAX || ID.test(value) ? null : value;
  }
  if (typeof value === 'boolean') return String(value);
  const isWhole =
    typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  return isWhole && value > -1_000 && value < 1_000 ? String(value) : null;
}
