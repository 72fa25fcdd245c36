import { stepId } from '@throughline/model/ids';
import type { Flow } from '@throughline/model/policy';
import type { Step } from '@throughline/model/step';
import type { StepTable } from './step-table.js';

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
export function workflowOf(steps: StepTable, flows: readonly Flow[]): WorkflowOfRun {
  const declared = steps.list.find((step) => step.workflow)?.workflow;
  if (declared) {
    const flow = flows.find(({ workflow }) => workflow === declared.name) ?? null;
    return { ...declared, flow };
  }
  const started = startedOf(steps.list, flows);
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

/** The first flow of which the run holds the starting event. */
function startedOf(steps: readonly Step[], flows: readonly Flow[]): Flow | undefined {
  const starting = flows.filter(({ startsWith }) => startsWith !== null);
  if (starting.length === 0) return undefined;
  const happened = new Set(steps.map(eventOf));
  return starting.find(({ startsWith }) => happened.has(startsWith ?? ''));
}

function entryName(steps: StepTable): string {
  const isRoot = ({ traceId, parentSpanId, links }: Step): boolean => {
    if (links.length > 0) return false;
    if (parentSpanId === null) return true;
    return ![false, true].some((isShared) => steps.get(stepId(traceId, parentSpanId, isShared)));
  };
  const entry = steps.list.find(isRoot) ?? steps.list[0];
  if (!entry) return 'unnamed';
  if (entry.message) return entry.message.type ?? entry.message.destination;
  return `${entry.service} ${entry.name}`;
}
