import type { Flow } from '@throughline/model/policy';
import type { DialectName } from './dialects.js';
import type { Kind } from './kinds.js';

/** A service that reads a message, and what it does then. Times in milliseconds. */
export interface Reader {
  readonly service: string;
  /** Median of the wait in the queue; the tail is long, see `sigma` of the shape. */
  readonly after: number;
  readonly takes: number;
  /** What it does inside, and whom it asks. */
  readonly work?: string;
  readonly asks?: readonly [service: string, what: string];
  readonly sends?: readonly Sent[];
  /** Share of flows in which it has anything to do; 1 unless said. */
  readonly share?: number;
}

export interface Sent {
  readonly type: string;
  readonly to: string;
  readonly readers: readonly Reader[];
  /** Of the flows, this share sends this instead of the others that its handler sends. */
  readonly insteadShare?: number;
}

/** Where a fault can happen: `type>service`. */
export type Point = `${string}>${string}`;

interface ShapeBase {
  readonly name: string;
  readonly dialect: DialectName;
  /** Of the logarithm of waits: 0.6 is even, beyond 1 the tail is long. */
  readonly sigma: number;
  readonly flow: Flow | null;
  readonly points: Partial<Readonly<Record<Kind, readonly Point[]>>>;
}

/** Services react to each other's messages; a front door begins. */
export interface Reacting extends ShapeBase {
  readonly form: 'reacting';
  readonly door: { readonly service: string; readonly name: string };
  readonly sends: readonly Sent[];
}

export interface Task {
  readonly name: string;
  readonly service: string;
  readonly takes: number;
  readonly via: 'http' | 'queue';
  /** Somebody has to decide. */
  readonly isApproval?: true;
  /** The task that takes this one back. */
  readonly undo?: string;
}

/** One service directs the others. */
export interface Directed extends ShapeBase {
  readonly form: 'directed';
  readonly director: string;
  /** What the director allows each task, and says so. */
  readonly taskDeadlineMs?: number;
  readonly tasks: readonly Task[];
}

export type Shape = Reacting | Directed;
