import type { RunOutcome } from '@throughline/model/step';
import type { DocumentNotes } from './document-notes.js';

/** Milliseconds; null: the document does not say; Infinity: it waits for the world, and that may take any time. */
export type Allowance = number | null;

/** Where a path goes on when what goes on there is broken off. */
export interface Interrupt {
  readonly to: string;
  /** Of a timer: after so long at the latest; null: when an error or a message says so. */
  readonly afterMs: number | null;
}

export interface GraphNode {
  readonly id: string;
  readonly line: number;
  /** The names that its span may go by, what people call it first; none: it shows in no span. */
  readonly names: readonly string[];
  /** From being reached to being done. */
  readonly takes: Allowance;
  readonly interrupts: readonly Interrupt[];
  readonly next: readonly string[];
  /** Of several `next`: each of them, at least one, or the first that happens. */
  readonly follow: 'all' | 'any' | 'race';
  /** Waits until every branch has come. */
  readonly joins?: true;
  /** What follows does not follow from one passage alone: the last of many, or what nobody can know. */
  readonly isOpen?: true;
  /** The path ends here, as this. */
  readonly end?: RunOutcome;
}

/** A declared process, in the terms that all notations share. */
export interface StepGraph {
  readonly workflow: string;
  readonly start: string;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly deadlineMs: number | null;
  /** Forward step name → compensating step name. */
  readonly compensations: ReadonlyMap<string, string>;
  readonly notes: DocumentNotes;
}

/** A node that shows in no span, takes no time and leads on; the fields say where it differs. */
export function plainNode(
  fields: Pick<GraphNode, 'id' | 'line' | 'next'> & Partial<GraphNode>,
): GraphNode {
  return { names: [], takes: 0, interrupts: [], follow: 'all', ...fields };
}
