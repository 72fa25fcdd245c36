import type { AlertCause } from '@throughline/model/alert';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { condition, conditionId } from './condition.js';
import { spoken } from './spoken.js';

/** What is to send spans: a service, runs of a workflow, or anybody at all. */
export interface Watched {
  readonly kind: 'service' | 'workflow' | 'anything';
  /** Empty for anything. */
  readonly name: string;
  /** Silence of so long is told. */
  readonly forMs: number;
}

/** How much has come from something. It is only compared with what it was before. */
export interface Heard {
  readonly count: number;
  readonly lastAtNs: UnixNs;
}

export interface NoDataWatchParts {
  readonly watched: readonly Watched[];
  /** Undefined: nothing ever. */
  readonly heard: (watched: Watched) => Heard | undefined;
  readonly ownerOf: (watched: Watched) => string | null;
  /** Since when the condition has been told, by an earlier process, too; undefined: it is not. */
  readonly toldSince: (id: string) => UnixNs | undefined;
}

export interface WatchState extends Watched {
  readonly state: 'ok' | 'no-data';
  readonly silentSinceNs: UnixNs;
  readonly lastHeardAtNs: UnixNs | null;
}

interface Ear {
  heard: Heard | undefined;
  silentSinceNs: UnixNs;
  /** As an earlier process left it: until something is heard, it stays told. */
  isTold: boolean;
}

/**
 * Hears whether anything comes. Silence is measured by this machine's clock, from the moment at which something new
 * was noticed, whatever the clocks of senders say. The time in which the collector was down is no silence of
 * others, so a restart begins to count anew; but what was told as silent is so until it is heard.
 */
export class NoDataWatch {
  readonly #parts: NoDataWatchParts;
  readonly #ears = new Map<Watched, Ear>();

  constructor(parts: NoDataWatchParts) {
    this.#parts = parts;
  }

  /** Called with every sweep. */
  causes(now: UnixNs): readonly AlertCause[] {
    for (const watched of this.#parts.watched) this.#listen(watched, now);
    return this.states(now).flatMap((state) =>
      state.state === 'ok' ? [] : [this.#cause(state, now)],
    );
  }

  states(now: UnixNs): readonly WatchState[] {
    return this.#parts.watched.map((watched) => {
      const ear = this.#ears.get(watched);
      const silentSinceNs = ear?.silentSinceNs ?? now;
      const isSilent = ear?.isTold === true || now - silentSinceNs >= nsFromMs(watched.forMs);
      return {
        ...watched,
        state: isSilent ? 'no-data' : 'ok',
        silentSinceNs,
        lastHeardAtNs: ear?.heard?.lastAtNs ?? null,
      };
    });
  }

  #listen(watched: Watched, now: UnixNs): void {
    const heard = this.#parts.heard(watched);
    const ear = this.#ears.get(watched);
    if (ear === undefined) {
      const told = this.#parts.toldSince(conditionId('no-data', subjectIdOf(watched)));
      const isTold = told !== undefined;
      this.#ears.set(watched, { heard, silentSinceNs: told ?? now, isTold });
      return;
    }
    if (isMore(heard, ear.heard)) {
      ear.silentSinceNs = now;
      ear.isTold = false;
    }
    ear.heard = heard;
  }

  #cause(state: WatchState, now: UnixNs): AlertCause {
    const { kind, name, forMs, silentSinceNs, lastHeardAtNs } = state;
    const what = kind === 'workflow' ? 'has had no run that moved' : 'has sent no span';
    const silent = spoken(now - silentSinceNs);
    const sentence =
      kind === 'anything'
        ? `Nobody has sent any span for ${silent}: whether all is well is not known.`
        : `${name} ${what} for ${silent}: whether all is well there is not known.`;
    return condition({
      rule: 'no-data',
      subject: {
        kind: kind === 'workflow' ? 'run' : 'service',
        id: subjectIdOf(state),
        label: name,
      },
      workflow: kind === 'workflow' ? name : null,
      // As old as the silence was when it became too long.
      sinceNs: (silentSinceNs + nsFromMs(forMs)) as UnixNs,
      where: kind === 'anything' ? 'everywhere' : name,
      sentence,
      evidence: [
        { text: 'silence that is told', value: spoken(nsFromMs(forMs)) },
        {
          text: 'newest span',
          value: lastHeardAtNs === null ? 'never any' : `${spoken(now - lastHeardAtNs)} old`,
        },
      ],
      next: nextSteps(state),
      owner: this.#parts.ownerOf(state),
    });
  }
}

function nextSteps({ kind, name }: Watched) {
  const path = kind === 'workflow' ? '/workflows' : '/services';
  return [
    { text: 'check that spans arrive at all', command: 'throughline doctor' },
    kind === 'anything'
      ? { text: 'check that the services and what lies between them and the collector are up' }
      : { text: `check that ${name} is up and sends to this collector`, link: path },
  ];
}

function isMore(now: Heard | undefined, before: Heard | undefined): boolean {
  if (now === undefined) return false;
  return before === undefined || now.count > before.count || now.lastAtNs > before.lastAtNs;
}

function subjectIdOf({ kind, name }: Watched): string {
  return `${kind}:${name}`;
}
