import type { AttributeValue } from '@throughline/model/step';
import type { Run, RunStep } from '@throughline/model/run';
import { msFromNs } from '@throughline/model/time';
import { unreachable } from '@throughline/model/invariant';
import type { RunSummary } from '../../store/read-store.js';
import { matchesText } from './match-text.js';
import type { Operator, Query, QueryTerm } from './query.js';

type TermOf<F> = Extract<QueryTerm, { field: F }>;

/** What a query may look at beyond the summary of a run. */
export interface RunLookup {
  /** Rules of the open findings that affect the run. */
  openRules(run: RunSummary): readonly string[];
  mayHaveAttribute(run: RunSummary, name: string, text: string | null): boolean;
  /** Assembling a run costs time: asked for last, and only by attribute terms. */
  assemble(run: RunSummary): Run | undefined;
}

/** True when the run matches every term. `key` terms are the table's to answer: they pass here. */
export function matchesQuery(query: Query, run: RunSummary, lookup: RunLookup): boolean {
  return query.every((term) => matchesTerm(term, run, lookup));
}

function matchesTerm(term: QueryTerm, run: RunSummary, lookup: RunLookup): boolean {
  switch (term.field) {
    case 'status':
      return matchesText(term.pattern, run.status);
    case 'pattern':
      return run.pattern !== null && matchesText(term.pattern, run.pattern);
    case 'workflow':
      return matchesText(term.pattern, run.workflow);
    case 'service':
      return run.services.some((name) => matchesText(term.pattern, name));
    case 'destination':
      return run.destinations.some((name) => matchesText(term.pattern, name));
    case 'name':
      return run.stepNames.some((name) => matchesText(term.pattern, name));
    case 'event':
      return run.messageTypes.some((type) => matchesText(term.pattern, type));
    case 'finding':
      return lookup.openRules(run).some((rule) => matchesText(term.pattern, rule));
    case 'key':
      return true;
    case 'error':
      return run.errorCount > 0 === term.expected;
    case 'duration':
      return compares(msFromNs(run.durationNs), term.operator, term.ms);
    case 'attribute':
      return matchesAttribute(term, run, lookup);
    default:
      return unreachable(term);
  }
}

function matchesAttribute(term: TermOf<'attribute'>, run: RunSummary, lookup: RunLookup): boolean {
  const isExact = isEquality(term.operator) && !term.pattern.hasWildcards;
  const text = isExact ? term.pattern.text : null;
  const names = [term.name, `resource.${term.name}`];
  if (!names.some((name) => lookup.mayHaveAttribute(run, name, text))) return false;
  return lookup.assemble(run)?.steps.some((step) => stepHasAttribute(term, step)) ?? false;
}

function stepHasAttribute(term: TermOf<'attribute'>, { step }: RunStep): boolean {
  const value = step.attributes.get(term.name) ?? step.attributes.get(`resource.${term.name}`);
  if (value === undefined) return false;
  const values: readonly AttributeValue[] = Array.isArray(value) ? value : [value];
  return values.some((one) =>
    isEquality(term.operator)
      ? matchesText(term.pattern, textOf(one))
      : typeof one !== 'object' && compares(Number(one), term.operator, Number(term.pattern.text)),
  );
}

function textOf(value: AttributeValue): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function isEquality(operator: Operator): boolean {
  return operator === ':' || operator === '=';
}

function compares(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
    case ':':
    case '=':
      return left === right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    default:
      return unreachable(operator);
  }
}
