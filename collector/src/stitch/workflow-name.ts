import type { Flow } from '@throughline/model/policy';
import type { Step } from '@throughline/model/step';

export interface WorkflowOfRun {
  readonly name: string;
  readonly version: string | null;
  /** The declared flow of that name, if there is one. */
  readonly flow: Flow | null;
}

/**
 * The workflow of a run: what a step declares; else the declared flow whose starting event the run holds; else
 * the run's entry: the message that starts it, or the service and what it was asked.
 *
 * @param steps by start; at least one.
 */
export function workflowOf(steps: readonly Step[], flows: readonly Flow[]): WorkflowOfRun {
  const declared = steps.find((step) => step.workflow)?.workflow;
  if (declared) {
    const flow = flows.find(({ workflow }) => workflow === declared.name) ?? null;
    return { ...declared, flow };
  }
  const started = flows.find(
    ({ startsWith }) => startsWith !== null && steps.some((step) => isNamed(step, startsWith)),
  );
  if (started) return { name: started.workflow, version: null, flow: started };
  return { name: entryName(steps), version: null, flow: null };
}

/** An event of a flow file names a message's type; or, of a step without message, the step (contract, 16). */
export function isNamed(step: Step, event: string): boolean {
  return eventOf(step) === event;
}

/** The name by which flows know what the step did. */
export function eventOf({ message, name }: Step): string {
  return message ? (message.type ?? message.destination) : name;
}

function entryName(steps: readonly Step[]): string {
  const parents = new Set(steps.map(({ traceId, spanId }) => `${traceId}${spanId}`));
  const isRoot = ({ traceId, parentSpanId, links }: Step): boolean =>
    links.length === 0 && (parentSpanId === null || !parents.has(`${traceId}${parentSpanId}`));
  const entry = steps.find(isRoot) ?? steps[0];
  if (!entry) return 'unnamed';
  if (entry.message) return entry.message.type ?? entry.message.destination;
  return `${entry.service} ${entry.name}`;
}
