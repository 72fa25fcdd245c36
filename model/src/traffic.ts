import type { RunId, StepId } from './ids.js';
import type { UnixNs } from './time.js';

export type NodeKind = 'service' | 'destination' | 'dead-letter' | 'external';

/** A place on the map. `system` is the broker of a destination. */
export interface Place {
  readonly kind: NodeKind;
  readonly name: string;
  readonly system: string | null;
}

/** `destination:rabbitmq/orders`, `service:checkout`: the node id of the map. */
export function placeId(place: Place): string {
  return place.system === null
    ? `${place.kind}:${place.name}`
    : `${place.kind}:${place.system}/${place.name}`;
}

/**
 * One movement between two places, as one run shows it. Runs give hops, the map adds them up; when a run is
 * stitched anew its old hops are taken back and the new ones added, so the map depends on the set of spans only.
 */
export interface Hop {
  readonly kind: 'send' | 'take' | 'call' | 'dead-letter';
  readonly from: Place;
  readonly to: Place;
  /** The message's type; null for calls and where unknown. */
  readonly messageType: string | null;
  readonly atNs: UnixNs;
  /** Sending: time in send · taking: work of the handler · calling: the call as its client saw it. */
  readonly durationMs: number;
  readonly isError: boolean;
}

/** What one run did, as far as aggregates over many runs need it. */
export interface Contribution {
  readonly runId: RunId;
  readonly workflow: string;
  readonly hops: readonly Hop[];
  readonly messages: readonly MessageTrail[];
}

/** The life of one message, as one run shows it. */
export interface MessageTrail {
  readonly system: string;
  readonly destination: string;
  readonly isDeadLetterDestination: boolean;
  readonly messageType: string | null;
  readonly producer: string | null;
  readonly producerVersion: string | null;
  /** The step that sent it; absent where that was not seen. */
  readonly sentBy?: StepId;
  readonly sentAtNs: UnixNs | null;
  readonly consumers: readonly {
    readonly service: string;
    readonly atNs: UnixNs;
    readonly subscription: string | null;
    readonly isPending: boolean;
  }[];
  readonly deadLettered: {
    /** The queue or subscription of the consumer that refused it; null where nobody did or it is not known. */
    readonly queue?: string | null;
    readonly reason: string;
    readonly source: string | null;
    readonly atNs: UnixNs;
    readonly service: string | null;
    readonly version: string | null;
    readonly cameBack: boolean;
    /** How often it was put aside, the last time included; 1 unless said. */
    readonly times?: number;
  } | null;
  readonly undeliverable: boolean;
}
