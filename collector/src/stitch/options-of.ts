import type { Flow, Policy } from '@throughline/model/policy';
import { LIMITS } from '../limits.js';

export interface StitchOptions {
  /** Distinct values of another type that one key value may meet before it is held to be coarse (S6). */
  readonly keyPartnersMax: number;
  /** Declared flows: they name workflows and say which events end a run. */
  readonly flows: readonly Flow[];
  /** How long a run that has ended has been silent before its key begins another one (S8). */
  readonly epochSilenceMs?: number;
  /** Sends of one message id beyond which it ties nothing (S5). */
  readonly messageSendersMax?: number;
}

/** What a policy says of stitching, with the limits for what it leaves out. */
export function stitchOptionsOf({ flows, epochSilenceMs }: Policy): StitchOptions {
  return {
    keyPartnersMax: LIMITS.keyPartnersMax,
    flows,
    epochSilenceMs: epochSilenceMs ?? LIMITS.epochSilenceMs,
  };
}
