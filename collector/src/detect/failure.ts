import type { StepId } from '@throughline/model/ids';
import type { Run, RunStep } from '@throughline/model/run';
import type { Step, StepRole } from '@throughline/model/step';

/** Where a run failed, in words that people gave, and what was said of it there. */
export interface Failure {
  readonly service: string;
  readonly name: string;
  readonly errorMessage: string | null;
}

/** Acts of a library on its way out of the service; their names (`POST`) say nothing of the work. */
const IN_TRANSIT: ReadonlySet<StepRole> = new Set(['call', 'send', 'fetch', 'settle']);

/**
 * The last error that caused no other error, told by the innermost work or handler of its service that holds it: a
 * failed request is named by the step that made it. The error text is the one of the innermost step that has any.
 * Null when no step failed.
 */
export function failureOf(run: Run): Failure | null {
  const innermost = innermostError(run);
  if (innermost === null) return null;
  const around = [innermost, ...holdersOf(innermost, run)];
  const named = around.find(({ role }) => !IN_TRANSIT.has(role)) ?? innermost;
  const upToNamed = around.slice(0, around.indexOf(named) + 1);
  const errorMessage = upToNamed.find((step) => step.errorMessage !== null)?.errorMessage ?? null;
  return { service: innermost.service, name: named.name, errorMessage };
}

function innermostError(run: Run): Step | null {
  const failed = run.steps.filter(({ step }) => step.status === 'error');
  const ids = new Set(failed.map(({ step }) => step.id));
  const outer = new Set(run.edges.filter(({ to }) => ids.has(to)).map(({ from }) => from));
  const last = failed
    .filter(({ step }) => !outer.has(step.id))
    .reduce<RunStep | null>(
      (a, b) => (a && a.correctedStartNs >= b.correctedStartNs ? a : b),
      null,
    );
  return last?.step ?? null;
}

/** What the step lies in, from the inside out, as far as one service goes. Edges of a run have no circles. */
function holdersOf(inner: Step, run: Run): readonly Step[] {
  const steps = new Map<StepId, Step>(run.steps.map(({ step }) => [step.id, step]));
  const parents = new Map<StepId, StepId>(
    run.edges.filter(({ evidence }) => evidence === 'parent').map(({ from, to }) => [to, from]),
  );
  const holders: Step[] = [];
  let at = steps.get(parents.get(inner.id) ?? inner.id);
  while (at !== undefined && at !== inner && at.service === inner.service) {
    holders.push(at);
    const above = parents.get(at.id);
    at = above === undefined ? undefined : steps.get(above);
  }
  return holders;
}
