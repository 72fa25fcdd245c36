import type { RunId } from '@throughline/model/ids';
import type { RunIndex } from './run-index.js';

/** What the steps of one service and role refer to: how many causes they name, and how many of these never came. */
interface Place {
  named: number;
  lost: number;
}

interface Share extends Readonly<Place> {
  readonly place: string;
}

/** A place counts from so many named causes on, and nothing follows from fewer places. */
const NAMED_MIN = 100;
const PLACES_MIN = 6;
/** Below this share of lost spans nobody is wronged by believing what is absent. */
const LOSSLESS = 0.0005;

const NOTHING: readonly Share[] = [];

/**
 * Of all spans, the share that gets lost on its way here: steps name their causes, by parent or link, and of those some never
 * came. What gets lost on the way gets lost everywhere; a service that loses its own, or a caller that reports nothing, is
 * a trouble of one place. So the place in the middle is asked. Depends on the set of runs only.
 */
export class SpanLoss {
  readonly #places = new Map<string, Place>();
  readonly #ofRun = new Map<RunId, readonly Share[]>();

  put(index: RunIndex): void {
    const { id } = index.run;
    this.remove(id);
    const shares = sharesOf(index);
    if (shares.length === 0) return;
    this.#ofRun.set(id, shares);
    for (const share of shares) this.#add(share, 1);
  }

  remove(id: RunId): void {
    for (const share of this.#ofRun.get(id) ?? NOTHING) this.#add(share, -1);
    this.#ofRun.delete(id);
  }

  /** Null: too little is known. 0: too little to matter. */
  get share(): number | null {
    const shares = [...this.#places.values()]
      .filter(({ named }) => named >= NAMED_MIN)
      .map(({ named, lost }) => lost / named)
      .sort((a, b) => a - b);
    if (shares.length < PLACES_MIN) return null;
    const middle = shares[(shares.length - 1) >> 1] ?? 0;
    return middle < LOSSLESS ? 0 : middle;
  }

  #add({ place, named, lost }: Share, by: 1 | -1): void {
    const known = this.#places.get(place) ?? { named: 0, lost: 0 };
    known.named += by * named;
    known.lost += by * lost;
    if (known.named === 0) this.#places.delete(place);
    else this.#places.set(place, known);
  }
}

function sharesOf({ run }: RunIndex): readonly Share[] {
  const caused = new Set(run.edges.map(({ to }) => to));
  const elsewhere = new Set(
    run.messages.flatMap(({ isSentElsewhere, takenBy }) => (isSentElsewhere ? takenBy : [])),
  );
  const places = new Map<string, Place>();
  for (const { step, causedFrom } of run.steps) {
    const { id, parentSpanId, links, service, role } = step;
    if (parentSpanId === null && links.length === 0) continue;
    if (causedFrom !== undefined || elsewhere.has(id)) continue;
    const place = `${service}\u0000${role}`;
    const known = places.get(place) ?? { named: 0, lost: 0 };
    known.named += 1;
    if (!caused.has(id)) known.lost += 1;
    places.set(place, known);
  }
  return [...places].map(([place, counted]) => ({ place, ...counted }));
}
