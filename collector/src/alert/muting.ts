import type { AlertCause } from '@throughline/model/alert';
import type { UnixNs } from '@throughline/model/time';
import type { AlertRecord } from './alert-record.js';

/** Why nobody is told of it though it holds; null: somebody is. */
export function mutedByOf(
  finding: AlertCause,
  isSilenced: (finding: AlertCause) => boolean,
  now: UnixNs,
): AlertRecord['mutedBy'] {
  if (finding.state === 'acknowledged') return 'acknowledged';
  if (isSnoozed(finding, now)) return 'snoozed';
  return isSilenced(finding) ? 'silenced' : null;
}

/** Until its time or its count, whichever comes first. */
function isSnoozed(
  { snoozedUntilNs, snoozedUntilRuns, runsAffected }: AlertCause,
  now: UnixNs,
): boolean {
  if (snoozedUntilNs === null && snoozedUntilRuns === null) return false;
  const isBefore = snoozedUntilNs === null || now < snoozedUntilNs;
  return isBefore && (snoozedUntilRuns === null || runsAffected < snoozedUntilRuns);
}
