import type { KeyTerm, RunFilter, RunSummary, RunTable } from '../store/read-store.js';
import { matchesQuery, type RunLookup } from './language/match-run.js';
import type { Query } from './language/query.js';
import { parseQuery } from './language/parse-query.js';
import type { RunParameters } from './parameters/run-parameters.js';
import { openRules, type QuerySources } from './sources.js';

/** Every run passes. */
export const ANY_RUN: RunFilter = {
  workflows: null,
  statuses: null,
  patterns: null,
  services: null,
  destinations: null,
  keys: [],
  among: null,
  fromNs: null,
  toNs: null,
  matches: null,
};

/** @throws QueryFault when `q` says what the language cannot express. */
export function runFilterOf(parameters: RunParameters, sources: QuerySources): RunFilter {
  const query = parseQuery(parameters.q ?? '');
  const { runs } = sources.tables;
  const keyTexts = [
    ...parameters.key,
    ...query.flatMap((term) => (term.field === 'key' ? [term.text] : [])),
  ];
  return {
    workflows: orNull(parameters.workflow),
    statuses: orNull(parameters.status),
    patterns: orNull(parameters.pattern),
    services: orNull(parameters.service),
    destinations: orNull(parameters.destination),
    keys: keyTexts.map((text) => keyTermOf(text, runs)),
    among: null,
    fromNs: parameters.from ?? null,
    toNs: parameters.to ?? null,
    matches: predicateOf(query, parameters.finding, sources),
  };
}

function predicateOf(
  query: Query,
  rules: RunParameters['finding'],
  sources: QuerySources,
): RunFilter['matches'] {
  const terms = query.filter(({ field }) => field !== 'key');
  if (terms.length === 0 && rules.length === 0) return null;
  const rulesOf = ({ id }: RunSummary) => openRules(sources.findings.findingsOfRun(id));
  const lookup: RunLookup = {
    openRules: rulesOf,
    mayHaveAttribute: ({ id }, name, text) => sources.tables.runs.mayHaveAttribute(id, name, text),
    assemble: ({ id }) => sources.assemble(id),
  };
  return (run) =>
    (rules.length === 0 || rulesOf(run).some((rule) => rules.includes(rule))) &&
    matchesQuery(terms, run, lookup);
}

const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;

/**
 * `order:8123` names the type and `8123` does not. A value may hold a colon (`urn:x:1`) and a bare trace id may
 * be pasted: what no run has as a typed key is taken as the other reading.
 */
export function keyTermOf(text: string, runs: RunTable): KeyTerm {
  const colon = text.indexOf(':');
  const whole: KeyTerm = { type: null, value: text };
  if (colon > 0) {
    const typed = { type: text.slice(0, colon), value: text.slice(colon + 1) };
    return runs.byKey(typed).length > 0 || runs.byKey(whole).length === 0 ? typed : whole;
  }
  const trace: KeyTerm = { type: 'trace', value: text };
  return TRACE_ID.test(text) && runs.byKey(whole).length === 0 ? trace : whole;
}

function orNull<T>(values: readonly T[]): readonly T[] | null {
  return values.length === 0 ? null : values;
}
