import type { Policy } from '@throughline/model/policy';
import { LIMITS } from '../limits.js';
import type { StitchOptions } from './stitch.js';

/** What a policy says of stitching, with the limits for what it leaves out. */
export function stitchOptionsOf({ flows, epochSilenceMs }: Policy): StitchOptions {
  return {
    keyPartnersMax: LIMITS.keyPartnersMax,
    flows,
    epochSilenceMs: epochSilenceMs ?? LIMITS.epochSilenceMs,
  };
}
