import type { StepId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';

/** When the report of a step arrived. Known from the stored body, hence the same after a restart. */
export type ArrivedAt = (id: StepId) => UnixNs;

/** For whoever has no bodies: everything has been there for ever. */
export const LONG_AGO: ArrivedAt = () => 0n as UnixNs;
