import { createHash } from 'node:crypto';
import type { Rule } from '@throughline/model/finding';
import type { FindingId } from '@throughline/model/ids';

/** The same rule about the same subject for the same cause is the same finding, in every process and run. */
export function findingId(rule: Rule, ...cause: readonly (string | null)[]): FindingId {
  const digest = createHash('sha256')
    .update(JSON.stringify([rule, ...cause]))
    .digest('base64url');
  return `f_${digest.slice(0, 22)}` as FindingId;
}
