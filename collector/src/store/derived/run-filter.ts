import type { TraceId } from '@throughline/model/ids';
import type { KeyTerm, RunFilter, RunSummary } from '../read-store.js';

/** The type under which a trace id is asked for like a key. */
const TRACE = 'trace';

/** `among` is judged by the table, which knows the aliases. */
export function passes(run: RunSummary, filter: RunFilter): boolean {
  return (
    includes(filter.workflows, run.workflow) &&
    includes(filter.statuses, run.status) &&
    (filter.patterns === null || (run.pattern !== null && filter.patterns.includes(run.pattern))) &&
    meets(filter.services, run.services) &&
    meets(filter.destinations, run.destinations) &&
    (filter.fromNs === null || run.lastActivityAtNs >= filter.fromNs) &&
    (filter.toNs === null || run.startedAtNs <= filter.toNs) &&
    filter.keys.every((term) => hasKey(run, term)) &&
    (filter.matches === null || filter.matches(run))
  );
}

/** True when the filter lets every run pass. */
export function isOpen(filter: RunFilter): boolean {
  return filter.keys.length === 0 && Object.values({ ...filter, keys: null }).every(isNull);
}

export function hasKey(run: RunSummary, { type, value }: KeyTerm): boolean {
  if (run.keys.some((key) => key.value === value && (type === null || key.type === type))) {
    return true;
  }
  const trace = askedTrace({ type, value });
  return trace !== null && run.traceIds.includes(trace);
}

/** The trace that a term may name: 32 digits, or the 16 of Zipkin, padded; null when it names none. */
export function askedTrace({ type, value }: KeyTerm): TraceId | null {
  if (type !== null && type !== TRACE) return null;
  const digits = value.toLowerCase();
  return /^(?:[0-9a-f]{16}){1,2}$/.test(digits) ? (digits.padStart(32, '0') as TraceId) : null;
}

function includes<T>(wanted: readonly T[] | null, value: T): boolean {
  return wanted === null || wanted.includes(value);
}

function meets(wanted: readonly string[] | null, values: readonly string[]): boolean {
  return wanted === null || wanted.some((each) => values.includes(each));
}

function isNull(value: unknown): boolean {
  return value === null;
}
