import type { AlertCause } from '@throughline/model/alert';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';

/** One time that a finding held, as far as a route looks at it. */
export interface Episode {
  readonly id: string;
  readonly finding: Pick<
    AlertCause,
    'id' | 'rule' | 'severity' | 'workflow' | 'subject' | 'where' | 'sentence' | 'owner'
  >;
  /** When it became true. */
  readonly openedAtNs: UnixNs;
  /** When it was first looked at: what happened in the past may be found late. */
  readonly seenAtNs: UnixNs;
  /** Null while it holds. */
  readonly endedAtNs: UnixNs | null;
  /** At most so many runs at once. */
  readonly runsAffected: number;
}

interface Unsaved {
  readonly id: string;
  readonly value: unknown;
}

/** Every time that a finding held, for previews: findings themselves remember the last time only. */
export class FindingHistory {
  readonly #episodes = new Map<string, Episode>();
  /** The last episode of a finding. */
  readonly #last = new Map<string, Episode>();
  readonly #unsaved = new Set<string>();
  #fromNs: UnixNs | null = null;

  constructor(saved: ReadonlyMap<string, unknown>) {
    const episodes = [...saved.values()].flatMap((each) => episodeOf(each) ?? []);
    episodes.sort((a, b) => (a.seenAtNs < b.seenAtNs ? -1 : 1));
    for (const episode of episodes) this.#keep(episode);
    this.#unsaved.clear();
    this.#fromNs = fromOf(saved.get(REACH));
  }

  /** Since when nothing is missing; null before the first look. */
  get fromNs(): UnixNs | null {
    return this.#fromNs;
  }

  episodes(): Iterable<Episode> {
    return this.#episodes.values();
  }

  /** Looks at the findings as they are now. */
  observe(findings: readonly AlertCause[], now: UnixNs): void {
    if (this.#fromNs === null) this.#reach(now);
    for (const finding of findings) {
      const last = this.#last.get(finding.id);
      const { closedAtNs } = finding;
      if (finding.state !== 'closed' || closedAtNs === null) this.#holds(finding, last, now);
      else if (last !== undefined && last.endedAtNs === null) this.#end(last, closedAtNs);
      else if (closedAtNs > (last?.endedAtNs ?? this.#fromNs ?? 0n)) {
        // It came and went between two looks.
        this.#keep({ ...begun(finding, finding.openedAtNs), endedAtNs: closedAtNs });
      }
    }
    this.#endForgotten(findings, now);
    this.#forgetOldest();
  }

  /** Records that differ from what was saved; null where nothing is to be remembered any more. */
  takeUnsaved(): readonly Unsaved[] {
    const taken = [...this.#unsaved].map((id) => {
      if (id === REACH) return { id, value: { fromNs: String(this.#fromNs) } };
      const episode = this.#episodes.get(id);
      return { id, value: episode === undefined ? null : savedOf(episode) };
    });
    this.#unsaved.clear();
    return taken;
  }

  #holds(finding: AlertCause, last: Episode | undefined, now: UnixNs): void {
    if (last === undefined || last.endedAtNs !== null) this.#keep(begun(finding, now));
    else if (finding.runsAffected > last.runsAffected) {
      // Not worth a write of its own: it is saved when the episode ends.
      this.#put({ ...last, runsAffected: finding.runsAffected });
    }
  }

  #end(episode: Episode, endedAtNs: UnixNs): void {
    this.#keep({ ...episode, endedAtNs });
  }

  /** What is not found at all any more, not even as closed, is over. */
  #endForgotten(findings: readonly AlertCause[], now: UnixNs): void {
    const known = new Set(findings.map(({ id }) => id));
    for (const [id, episode] of this.#last) {
      if (episode.endedAtNs === null && !known.has(id)) this.#end(episode, now);
    }
  }

  #keep(episode: Episode): void {
    this.#put(episode);
    this.#unsaved.add(episode.id);
  }

  #put(episode: Episode): void {
    this.#episodes.set(episode.id, episode);
    this.#last.set(episode.finding.id, episode);
  }

  #reach(fromNs: UnixNs): void {
    this.#fromNs = fromNs;
    this.#unsaved.add(REACH);
  }

  #forgetOldest(): void {
    const over = this.#episodes.size - LIMITS.findingEpisodesMax;
    if (over <= 0) return;
    const ended = [...this.#episodes.values()].filter(({ endedAtNs }) => endedAtNs !== null);
    ended.sort((a, b) => ((a.endedAtNs ?? 0n) < (b.endedAtNs ?? 0n) ? -1 : 1));
    for (const episode of ended.slice(0, over)) {
      this.#episodes.delete(episode.id);
      this.#unsaved.add(episode.id);
      if (this.#last.get(episode.finding.id) === episode) this.#last.delete(episode.finding.id);
      if (episode.endedAtNs !== null && episode.endedAtNs > (this.#fromNs ?? 0n)) {
        this.#reach(episode.endedAtNs);
      }
    }
  }
}

const REACH = 'reach';

function begun(finding: AlertCause, seenAtNs: UnixNs): Episode {
  const { id, rule, severity, workflow, subject, where, sentence, owner } = finding;
  return {
    id: `${id}.${seenAtNs.toString(36)}`,
    finding: { id, rule, severity, workflow, subject, where, sentence, owner },
    openedAtNs: finding.openedAtNs,
    seenAtNs,
    endedAtNs: null,
    runsAffected: finding.runsAffected,
  };
}

function savedOf({ openedAtNs, seenAtNs, endedAtNs, ...rest }: Episode): unknown {
  const instants = { openedAtNs: String(openedAtNs), seenAtNs: String(seenAtNs) };
  return { ...rest, ...instants, endedAtNs: endedAtNs === null ? null : String(endedAtNs) };
}

function episodeOf(saved: unknown): Episode | undefined {
  if (typeof saved !== 'object' || saved === null || !('seenAtNs' in saved)) return undefined;
  const episode = saved as Omit<Episode, 'openedAtNs' | 'seenAtNs' | 'endedAtNs'> & {
    readonly openedAtNs: string;
    readonly seenAtNs: string;
    readonly endedAtNs: string | null;
  };
  const at = (text: string): UnixNs => BigInt(text) as UnixNs;
  return {
    ...episode,
    openedAtNs: at(episode.openedAtNs),
    seenAtNs: at(episode.seenAtNs),
    endedAtNs: episode.endedAtNs === null ? null : at(episode.endedAtNs),
  };
}

function fromOf(saved: unknown): UnixNs | null {
  if (typeof saved !== 'object' || saved === null || !('fromNs' in saved)) return null;
  return BigInt(String(saved.fromNs)) as UnixNs;
}
