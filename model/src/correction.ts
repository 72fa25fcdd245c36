import type { UnixNs } from './time.js';

/** What follows what: the service `by` takes the message `after`, or, having taken it, sends `what`. */
export interface ReactionName {
  readonly kind: 'take' | 'event';
  readonly after: string;
  readonly destination: string;
  readonly what: string;
  readonly by: string | null;
}

/** What a person says over what runs taught. A workflow or a reaction has one, which says all that holds now. */
export interface Correction {
  readonly workflow: string;
  /** Id and name of the reaction; null: the workflow as a whole. */
  readonly reaction: (ReactionName & { readonly id: string }) | null;
  /** What runs did before teaches nothing; null: everything teaches. */
  readonly forgottenBeforeNs: UnixNs | null;
  /** In place of the deadline that runs taught, in milliseconds; null: that one. */
  readonly deadlineMs: number | null;
  /** It is not promised, however often it follows. */
  readonly isNotExpected: boolean;
  readonly actor: string;
  readonly note: string | null;
  readonly atNs: UnixNs;
}
