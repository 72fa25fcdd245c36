import type { Finding } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';

/** A finding in the book, with what decides whether it opens again. */
export interface Held {
  readonly finding: Finding;
  /** Who closed it: the rule, because it was no longer true, or a person, though it was. */
  readonly closedBy: 'rule' | 'person' | null;
  /** How far it had gone when it was closed: whatever goes beyond opens it again. */
  readonly newestNs: UnixNs;
  readonly memberCount: number;
}

/** As it is saved: instants as decimal text, since JSON knows no bigint. */
export function toRecord({ finding, closedBy, newestNs, memberCount }: Held): unknown {
  return {
    closedBy,
    newestNs: String(newestNs),
    memberCount,
    finding: {
      ...finding,
      sinceNs: String(finding.sinceNs),
      openedAtNs: String(finding.openedAtNs),
      closedAtNs: textOrNull(finding.closedAtNs),
      snoozedUntilNs: textOrNull(finding.snoozedUntilNs),
    },
  };
}

/** @returns undefined for what `toRecord` did not make: another version's record, or one that was forgotten. */
export function fromRecord(record: unknown): Held | undefined {
  if (typeof record !== 'object' || record === null || !('finding' in record)) return undefined;
  const saved = record as SavedHeld;
  const { finding } = saved;
  try {
    return {
      closedBy: saved.closedBy,
      newestNs: BigInt(saved.newestNs) as UnixNs,
      memberCount: saved.memberCount,
      finding: {
        ...finding,
        sinceNs: BigInt(finding.sinceNs) as UnixNs,
        openedAtNs: BigInt(finding.openedAtNs) as UnixNs,
        closedAtNs: instantOrNull(finding.closedAtNs),
        snoozedUntilNs: instantOrNull(finding.snoozedUntilNs),
        // Records of before it could be said.
        snoozedUntilRuns: finding.snoozedUntilRuns ?? null,
      },
    };
  } catch {
    return undefined;
  }
}

type Instants = 'sinceNs' | 'openedAtNs' | 'closedAtNs' | 'snoozedUntilNs';

interface SavedHeld extends Omit<Held, 'finding' | 'newestNs'> {
  readonly newestNs: string;
  readonly finding: Omit<Finding, Instants> & {
    readonly sinceNs: string;
    readonly openedAtNs: string;
    readonly closedAtNs: string | null;
    readonly snoozedUntilNs: string | null;
  };
}

function textOrNull(at: UnixNs | null): string | null {
  return at === null ? null : String(at);
}

function instantOrNull(text: string | null): UnixNs | null {
  return text === null ? null : (BigInt(text) as UnixNs);
}
