import type { AttributeValue } from '@throughline/model/step';
import type { Run, RunStep } from '@throughline/model/run';
import { msFromNs } from '@throughline/model/time';
import { unreachable } from '@throughline/model/invariant';
import { matchesKey } from '../match-key.js';
import { matchesText } from './match-text.js';
import type { Operator, Query, QueryTerm } from './query.js';

type TermOf<F> = Extract<QueryTerm, { field: F }>;

/** True when the run matches every term. `openRules` are the rules of the open findings that affect the run. */
export function matchesRun(query: Query, run: Run, openRules: readonly string[]): boolean {
  return query.every((term) => matchesTerm(term, run, openRules));
}

function matchesTerm(term: QueryTerm, run: Run, openRules: readonly string[]): boolean {
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
      return run.steps.some(({ step }) => matchesText(term.pattern, step.name));
    case 'event':
      return run.messages.some(({ type }) => type !== null && matchesText(term.pattern, type));
    case 'finding':
      return openRules.some((rule) => matchesText(term.pattern, rule));
    case 'key':
      return matchesKey(term.text, run);
    case 'error':
      return run.errorCount > 0 === term.expected;
    case 'duration':
      return compares(durationMsOf(run), term.operator, term.ms);
    case 'attribute':
      return run.steps.some((step) => matchesAttribute(term, step));
    default:
      return unreachable(term);
  }
}

/** From the first act to the end, or to the last act while the run is active. */
export function durationMsOf(run: Pick<Run, 'startedAtNs' | 'endedAtNs' | 'lastActivityAtNs'>): number {
  return msFromNs((run.endedAtNs ?? run.lastActivityAtNs) - run.startedAtNs);
}

function matchesAttribute(term: TermOf<'attribute'>, { step }: RunStep): boolean {
  const value = step.attributes.get(term.name) ?? step.attributes.get(`resource.${term.name}`);
  if (value === undefined) return false;
  return (Array.isArray(value) ? value : [value]).some((one: AttributeValue) =>
    term.operator === ':' || term.operator === '='
      ? matchesText(term.pattern, String(one))
      : typeof one !== 'object' && compares(Number(one), term.operator, Number(term.pattern.text)),
  );
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
