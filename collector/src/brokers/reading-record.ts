import type { BrokerKind, BrokerQueue, BrokerReading } from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';

const INSTANTS = ['oldestAtNs', 'unattendedSinceNs', 'heldSinceNs'] as const;

/** As it is saved: instants as decimal text, since JSON knows no bigint. */
export function recordOf({ kind, observedAtNs, queues }: BrokerReading): unknown {
  return {
    kind,
    observedAtNs: textOrNull(observedAtNs),
    queues: queues.map((queue) => ({
      ...queue,
      ...Object.fromEntries(INSTANTS.map((name) => [name, textOrNull(queue[name])])),
    })),
  };
}

/** @returns null for what `recordOf` did not make, or made of a broker of another kind. */
export function readingOf(
  record: unknown,
  of: { readonly broker: string; readonly kind: BrokerKind },
): BrokerReading | null {
  if (typeof record !== 'object' || record === null || !('queues' in record)) return null;
  const saved = record as Saved;
  if (saved.kind !== of.kind) return null;
  try {
    return {
      ...of,
      observedAtNs: instantOrNull(saved.observedAtNs),
      noData: null,
      queues: saved.queues.map((queue) => ({
        ...queue,
        oldestAtNs: instantOrNull(queue.oldestAtNs),
        unattendedSinceNs: instantOrNull(queue.unattendedSinceNs),
        heldSinceNs: instantOrNull(queue.heldSinceNs),
      })),
      queuesLeftOut: 0,
    };
  } catch {
    return null;
  }
}

interface Saved {
  readonly kind: BrokerKind;
  readonly observedAtNs: string | null;
  readonly queues: readonly (Omit<BrokerQueue, (typeof INSTANTS)[number]> &
    Record<(typeof INSTANTS)[number], string | null>)[];
}

function textOrNull(at: UnixNs | null): string | null {
  return at === null ? null : String(at);
}

function instantOrNull(text: string | null): UnixNs | null {
  return text === null ? null : (BigInt(text) as UnixNs);
}
