import type { Key } from './key.js';
import type { RunId, StepId, TraceId } from './ids.js';
import type { DeadLetter, RunOutcome, Step } from './step.js';
import type { UnixNs } from './time.js';

export type RunStatus = 'active' | RunOutcome;
export type Pattern = 'orchestrated' | 'choreographed' | 'hybrid';

/** Why a step is in its run (S10). */
export type Provenance =
  | { readonly by: 'key'; readonly key: Key }
  | { readonly by: 'link' | 'message-id' | 'parent' | 'trace'; readonly of: StepId | TraceId };

/** A step in the place that stitching gave it. */
export interface RunStep {
  readonly step: Step;
  readonly why: Provenance;
  /** Milliseconds between the message's sending and the start of its taking, or since the parent's start. */
  readonly waitMs: number | null;
  /** Start corrected for the estimated clock skew of its host; equals the raw start without correction. */
  readonly correctedStartNs: UnixNs;
  readonly attempt: number;
  /** Service of the step's cause where that lies in another run: a request that crossed the border. */
  readonly causedFrom?: string;
  /** Somebody who answers this call has reported it, in another run. */
  readonly isAnsweredElsewhere?: true;
}

export interface RunMessage {
  readonly id: string;
  readonly system: string;
  readonly destination: string;
  readonly subscriptions: readonly string[];
  readonly type: string | null;
  readonly version: string | null;
  readonly kind: 'event' | 'command';
  /** The id on the wire, if one is known. */
  readonly messageId: string | null;
  readonly sentBy: StepId | null;
  readonly sentByService: string | null;
  readonly sentAtNs: UnixNs | null;
  readonly takenBy: readonly StepId[];
  readonly takenByServices: readonly string[];
  /** Takings by steps of other runs, with keys of their own; their ids are in `takenBy`, too. */
  readonly takenElsewhere?: readonly ForeignTaking[];
  /** The send is in another run: this run knows the message from its taking only. */
  readonly isSentElsewhere?: true;
  readonly firstTakenAtNs: UnixNs | null;
  readonly deadLettered: boolean;
  readonly deadLetter: DeadLetter | null;
  readonly undeliverable: boolean;
  readonly payload: { readonly hash: string | null; readonly bytes: number | null } | null;
}

/** A taking in another run than the send: no edge joins them, but the message was taken. */
export interface ForeignTaking {
  readonly stepId: StepId;
  readonly service: string;
  readonly subscription: string | null;
  readonly atNs: UnixNs;
  readonly isPending: boolean;
}

export type EdgeKind = 'message' | 'call' | 'follows' | 'compensates';
export type EdgeEvidence =
  'parent' | 'link' | 'message-id' | 'causation-id' | 'engine' | 'inferred';

/** Cause to effect, both in the same run. `confidence` is 1 except for `inferred`. */
export interface Edge {
  readonly from: StepId;
  readonly to: StepId;
  readonly kind: EdgeKind;
  readonly evidence: EdgeEvidence;
  readonly confidence: number;
}

export interface PatternEvidence {
  readonly directed: number;
  readonly reactions: number;
  readonly handOvers: number;
  /** Sentences a person can check, most important first. */
  readonly because: readonly string[];
}

/** Estimated lead of one service instance's clock over another's. */
export interface SkewCorrection {
  readonly service: string;
  readonly instance: string | null;
  readonly againstService: string;
  readonly shiftMs: number;
  readonly stepCount: number;
}

/** One execution of a workflow, assembled from the set of its steps. A pure function of that set. */
export interface Run {
  readonly id: RunId;
  /** Ids that this run was, or could have been, known by. */
  readonly aliases: readonly RunId[];
  readonly workflow: string;
  readonly workflowVersion: string | null;
  readonly status: RunStatus;
  readonly pattern: Pattern | null;
  readonly patternEvidence: PatternEvidence;
  readonly keys: readonly Key[];
  readonly startedAtNs: UnixNs;
  readonly lastActivityAtNs: UnixNs;
  readonly endedAtNs: UnixNs | null;
  readonly steps: readonly RunStep[];
  readonly messages: readonly RunMessage[];
  readonly edges: readonly Edge[];
  readonly services: readonly string[];
  readonly destinations: readonly string[];
  readonly traceIds: readonly TraceId[];
  readonly spanCount: number;
  readonly errorCount: number;
  readonly parent: RunId | null;
  readonly children: readonly RunId[];
  readonly skewCorrections: readonly SkewCorrection[];
  /** True while the run is known by a trace only, no key having shown up. */
  readonly isProvisional: boolean;
}
