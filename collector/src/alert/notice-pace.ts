import { createHash } from 'node:crypto';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import type { AlertRecord, Envelope, Notice } from './alert-record.js';

export interface Enveloped {
  readonly recordId: string;
  readonly envelope: Envelope;
}

interface Pace {
  /** Notices that went out alone since then. */
  aloneSinceNs: UnixNs;
  alone: number;
  bundledAtNs: UnixNs | null;
  intervalNs: bigint;
}

/**
 * Decides which notices go out alone and which together. A few are told at once, each by itself. When a group has
 * more of them within its interval than somebody can read, the rest goes out as one notice per interval: a storm
 * costs a receiver a message now and then, and leaves no alert out.
 *
 * The pace is kept in memory: a restart may tell a few more. What was decided is kept with the notice.
 */
export class NoticePace {
  readonly #paces = new Map<string, Pace>();

  /** Looks at the notices that are next in line and not decided yet. */
  decide(records: readonly AlertRecord[], now: UnixNs): readonly Enveloped[] {
    const decided: Enveloped[] = [];
    this.#forgetCalm(now);
    for (const [place, undecided] of undecidedOf(records)) {
      const pace = this.#paceOf(place, undecided, now);
      const isCalm = pace.bundledAtNs === null;
      if (isCalm && pace.alone + undecided.length <= LIMITS.alertsAloneMax) {
        pace.alone += undecided.length;
        decided.push(...undecided.map(alone));
      } else if (isCalm) {
        pace.bundledAtNs = now;
        decided.push(...bundles(place, undecided, { now, records }));
      }
    }
    return decided;
  }

  #paceOf(place: string, [first]: readonly Waiting[], now: UnixNs): Pace {
    const intervalNs = nsFromMs(first?.record.groupIntervalMs ?? 0);
    const fresh = { aloneSinceNs: now, alone: 0, bundledAtNs: null, intervalNs };
    const pace = this.#paces.get(place) ?? fresh;
    this.#paces.set(place, pace);
    if (now - pace.aloneSinceNs >= intervalNs) {
      pace.aloneSinceNs = now;
      pace.alone = 0;
    }
    if (pace.bundledAtNs !== null && now - pace.bundledAtNs >= intervalNs) pace.bundledAtNs = null;
    return pace;
  }

  #forgetCalm(now: UnixNs): void {
    for (const [place, { aloneSinceNs, bundledAtNs, intervalNs }] of this.#paces) {
      const lastNs = bundledAtNs ?? aloneSinceNs;
      if (now - lastNs >= intervalNs && now - aloneSinceNs >= intervalNs) this.#paces.delete(place);
    }
  }
}

interface Waiting {
  readonly record: AlertRecord;
  readonly notice: Notice;
}

function undecidedOf(records: readonly AlertRecord[]): Map<string, Waiting[]> {
  const places = new Map<string, Waiting[]>();
  for (const record of records) {
    const [notice] = record.waiting;
    if (notice === undefined || notice.envelope !== null) continue;
    const place = [record.receiver, notice.kind, record.group].join('\n');
    const others = places.get(place);
    if (others === undefined) places.set(place, [{ record, notice }]);
    else others.push({ record, notice });
  }
  return places;
}

function alone({ record, notice }: Waiting): Enveloped {
  const envelope = { id: notice.id, dedupKey: record.dedupKey, isBundle: false };
  return { recordId: record.id, envelope };
}

interface Around {
  readonly now: UnixNs;
  readonly records: readonly AlertRecord[];
}

function bundles(place: string, waiting: readonly Waiting[], { now, records }: Around) {
  if (waiting.length === 1) return waiting.map(alone);
  const [receiver = '', , group = ''] = place.split('\n');
  const at = (now / 1_000_000n).toString(36);
  const prefix = `${groupIdOf(receiver, group)}.`;
  const dedupKey = keyInUse(records, { receiver, group, prefix }) ?? `${prefix}${at}`;
  const kind = waiting[0]?.notice.kind ?? 'firing';
  return waiting.map(({ record }, index) => {
    const part = Math.floor(index / LIMITS.alertBundleMax);
    const envelope = { id: `${dedupKey}.${kind}.${at}.${part}`, dedupKey, isBundle: true };
    return { recordId: record.id, envelope };
  });
}

/** While anything that was told in a bundle of the group lasts, the bundles of the group are one incident. */
function keyInUse(
  records: readonly AlertRecord[],
  of: { readonly receiver: string; readonly group: string; readonly prefix: string },
): string | undefined {
  for (const { receiver, group, life, toldAs, waiting } of records) {
    if (receiver !== of.receiver || group !== of.group) continue;
    if (life.phase === 'resolved' && waiting.length === 0) continue;
    const key = toldAs.find((each) => each.startsWith(of.prefix));
    if (key !== undefined) return key;
  }
  return undefined;
}

function groupIdOf(receiver: string, group: string): string {
  const hash = createHash('sha256').update(`${receiver}\n${group}`).digest('hex');
  return `g_${hash.slice(0, 16)}`;
}
