import { ownerOf, type Owner } from './group.js';
import type { KeyNode } from './key-node.js';
import type { Moves } from './moves.js';
import { stronglyConnected } from './strongly-connected.js';
import type { Tie, Ties } from './ties.js';
import { Entry, TraceState, type Home, type Via } from './trace-state.js';

/**
 * Places every step of the changed traces in its run, by the rules S3 and S4:
 *
 * 1. a step's own `same` key;
 * 2. for a step that takes messages, the runs of the messages that it links to or shares an id with;
 * 3. the nearest ancestor that 1 or 2 place;
 * 4. the only run that its trace knows; with none or several, the provisional run of the trace.
 *
 * 2 and 4 lead from trace to trace, in circles where two services answer each other without any key. The
 * questions that are open (`tied steps` and `defaults of traces`) are therefore answered component by component,
 * what they depend on first; a circle is answered as a whole. So the answer depends on the set of steps alone.
 */
export class Placement {
  readonly #ties: Ties;
  readonly #open = new Set<Vertex>();
  readonly #answers = new Map<Entry, readonly Home[]>();
  readonly #anchors = new Map<Entry, Anchor>();

  constructor(ties: Ties) {
    this.#ties = ties;
  }

  /** The entries of the traces have their places afterwards; `moves` tells which runs that concerns. */
  place(changed: Iterable<TraceState>, moves: Moves): void {
    const traces = this.#closure(changed);
    for (const trace of traces) this.#ask(trace);
    for (const circle of stronglyConnected(this.#open, (vertex) => this.#dependencies(vertex))) {
      this.#answer(circle);
    }
    for (const trace of traces) this.#settle(trace, moves);
    this.#open.clear();
    this.#answers.clear();
    this.#anchors.clear();
  }

  /** Nearly every trace has its answer in itself; what is open in the others is noted. */
  #ask(trace: TraceState): void {
    let isOpen = false;
    for (const entry of trace.entries.values()) {
      if (this.#tie(entry) === undefined) continue;
      this.#open.add(entry);
      isOpen = true;
    }
    if (isOpen) this.#open.add(trace);
    else trace.defaultHome = onlyKeyOf(trace) ?? trace;
  }

  /** The traces and all whose tied steps, through any number of traces, depend on them. */
  #closure(changed: Iterable<TraceState>): Set<TraceState> {
    const traces = new Set(changed);
    for (const trace of traces) {
      this.#ties.eachDependent(trace, (dependent) => {
        if (!dependent.ownKey) traces.add(dependent.trace);
      });
    }
    return traces;
  }

  #tie(entry: Entry): Tie | undefined {
    return entry.ownKey ? undefined : this.#ties.tie(entry);
  }

  #dependencies(vertex: Vertex): Vertex[] {
    const found =
      vertex instanceof TraceState
        ? [...vertex.entries.values()].filter((entry) => this.#tie(entry))
        : (this.#tie(vertex)?.targets ?? []).flatMap((target) => this.#verticesOf(target));
    return found.filter((other) => this.#open.has(other));
  }

  /** The open questions behind the place of a step. */
  #verticesOf(entry: Entry): Vertex[] {
    const { vertex, at } = this.#anchor(entry);
    if (vertex === null) return [];
    // Below a batch the trace may have the word: see `homesOf`.
    return vertex instanceof Entry && at !== entry ? [vertex, entry.trace] : [vertex];
  }

  /** What decides the place of a step: a key at once, or the answer to an open question. */
  #anchor(entry: Entry): Anchor {
    const path = new Set<Entry>();
    let found: Anchor = { key: null, vertex: entry.trace, at: null };
    for (let at: Entry | undefined = entry; at && !path.has(at); at = at.trace.parentOf(at)) {
      const known = this.#anchors.get(at) ?? this.#ownAnchor(at);
      if (known) {
        found = known;
        break;
      }
      path.add(at);
    }
    for (const below of path) this.#anchors.set(below, found);
    return found;
  }

  #ownAnchor(entry: Entry): Anchor | undefined {
    const key = entry.ownKey;
    if (key) return { key, vertex: null, at: entry };
    return this.#tie(entry) && { key: null, vertex: entry, at: entry };
  }

  #homesOf(entry: Entry): readonly Home[] {
    const { key, vertex, at } = this.#anchor(entry);
    if (key) return [key];
    if (vertex === null || vertex instanceof TraceState) return [entry.trace.defaultHome];
    const homes = this.#answers.get(vertex) ?? vertex.homes;
    // What a batch causes belongs to one of its runs, but nobody knows which: the trace keeps it.
    return at === entry || homes.length === 1 ? homes : [entry.trace.defaultHome];
  }

  #answer(circle: readonly Vertex[]): void {
    const [only] = circle;
    if (circle.length === 1 && only && !this.#dependencies(only).includes(only)) {
      this.#answerOne(only, new Set());
      return;
    }
    const members = new Set(circle);
    const outside = distinctHomes(circle.flatMap((vertex) => this.#foundOutside(vertex, members)));
    if (outside.length > 1) {
      for (const vertex of sorted(circle)) this.#answerOne(vertex, members);
      return;
    }
    const home = outside[0] ?? firstTrace(circle);
    for (const vertex of circle) {
      if (vertex instanceof TraceState) vertex.defaultHome = home;
      else this.#answers.set(vertex, [home]);
    }
  }

  #answerOne(vertex: Vertex, ignored: ReadonlySet<Vertex>): void {
    const found = distinctHomes(this.#foundOutside(vertex, ignored));
    if (vertex instanceof TraceState) {
      const [only] = found;
      vertex.defaultHome = only && found.length === 1 ? only : vertex;
    } else {
      this.#answers.set(vertex, found.length > 0 ? found : [vertex.trace]);
    }
  }

  /** The homes that a vertex learns of from keys and from vertices other than the ignored ones. */
  #foundOutside(vertex: Vertex, ignored: ReadonlySet<Vertex>): Home[] {
    if (!(vertex instanceof TraceState)) {
      return (this.#tie(vertex)?.targets ?? []).flatMap((target) => {
        const isIgnored = this.#verticesOf(target).some((other) => ignored.has(other));
        return isIgnored ? [] : [...this.#homesOf(target)];
      });
    }
    return [...vertex.entries.values()].flatMap((entry): Home[] => {
      if (entry.ownKey) return [entry.ownKey];
      if (!this.#tie(entry) || ignored.has(entry)) return [];
      return [...this.#homesOf(entry)];
    });
  }

  #settle(trace: TraceState, moves: Moves): void {
    for (const entry of trace.entries.values()) {
      // As for most steps of most traces: its own key places it, as before.
      if (!entry.isFresh && entry.via === BY_KEY && isOnly(entry.homes, entry.ownKey)) continue;
      const { homes, via } = this.#placeOf(entry);
      const isSame = sameHomes(entry.homes, homes) && sameVia(entry.via, via);
      if (isSame && !entry.isFresh) continue;
      entry.via = via;
      if (!entry.isFresh && entry.homes.length > 1 && homes.length > 1) {
        this.#changeSomeHomes(entry, homes, moves);
        continue;
      }
      leave(entry, moves);
      enter(entry, homes, moves);
      this.#stirNeighbours(entry, moves);
      entry.isFresh = false;
    }
    trace.onlyHome = onlyHomeOf(trace);
    // The trace's own id is an alias of the run that it adds to as a whole.
    const { shownDefault, defaultHome } = trace;
    if (shownDefault === defaultHome && !moves.homes.has(trace)) return;
    moves.traceOf(trace, shownDefault);
    moves.traceOf(trace, defaultHome);
    trace.shownDefault = defaultHome;
  }

  /** A batch that gains or loses some of its runs is nothing new to the others. */
  #changeSomeHomes(entry: Entry, homes: readonly Home[], moves: Moves): void {
    const kept = homes.filter((home) => entry.isAtHome(home));
    const left = without(entry.homes, kept);
    const entered = without(homes, kept);
    entry.homes = left;
    leave(entry, moves);
    enter(entry, entered, moves);
    entry.homes = homes;
    this.#ties.eachAround(entry, (other) => moves.stir(other));
  }

  /**
   * Runs whose steps are this one's causes or effects: their edges, their parent run, or what they know of who
   * took or answered what they sent, may be others now.
   */
  #stirNeighbours(entry: Entry, moves: Moves): void {
    const stir = (other: Entry): void => moves.stir(other);
    this.#ties.eachCause(entry, stir);
    this.#ties.eachAround(entry, stir);
  }

  #placeOf(entry: Entry): { homes: readonly Home[]; via: Via } {
    const own = entry.ownKey;
    if (own) return { homes: own.alone, via: BY_KEY };
    const { vertex, at } = this.#anchor(entry);
    const parent = entry.trace.parentOf(entry);
    const homes = this.#homesOf(entry);
    if (vertex instanceof Entry && at === entry) {
      const tie = this.#tie(entry);
      const target = tie?.targets[0];
      if (tie && target) return { homes, via: { by: tie.by, target } };
    }
    const isKept = at === null || !parent || homes[0] === entry.trace.defaultHome;
    return { homes, via: isKept ? BY_TRACE : { by: 'parent', target: parent } };
  }
}

const BY_KEY: Via = { by: 'key' };
const BY_TRACE: Via = { by: 'trace' };
const NOWHERE: readonly Home[] = [];

interface Anchor {
  readonly key: KeyNode | null;
  readonly vertex: Vertex | null;
  /** The step itself or the ancestor that decides; null when none does. */
  readonly at: Entry | null;
}

/** An open question: where a tied step belongs, or where the rest of a trace belongs. */
type Vertex = Entry | TraceState;

/** Takes a step out of the runs that it was in. */
export function leave(entry: Entry, moves: Moves): void {
  moves.stir(entry);
  for (const home of entry.homes) {
    if (home.members.delete(entry) && entry.mayEnd && 'cluster' in home) home.endCount -= 1;
  }
  entry.homes = NOWHERE;
}

function enter(entry: Entry, homes: readonly Home[], moves: Moves): void {
  entry.homes = homes;
  const { startedAtNs } = entry.step;
  for (const home of homes) {
    home.members.add(entry);
    if (!('cluster' in home)) continue;
    if (startedAtNs > home.lastStartNs) home.lastStartNs = startedAtNs;
    if (!entry.mayEnd) continue;
    if (home.endCount === 0 || startedAtNs < home.firstEndNs) home.firstEndNs = startedAtNs;
    home.endCount += 1;
  }
  moves.stir(entry);
}

/** The only run that the keys of the steps name; undefined when they name none or several. */
function onlyKeyOf(trace: TraceState): Home | undefined {
  let only: KeyNode | undefined;
  for (const { ownKey } of trace.entries.values()) {
    if (ownKey === undefined || ownKey === only) continue;
    if (only !== undefined && only.cluster !== ownKey.cluster) return undefined;
    if (only === undefined || ownKey.name < only.name) only = ownKey;
  }
  return only;
}

function onlyHomeOf(trace: TraceState): Home | null {
  let only: Home | null = null;
  for (const { homes } of trace.entries.values()) {
    const [home] = homes;
    if (home === undefined || homes.length > 1 || (only !== null && home !== only)) return null;
    only = home;
  }
  return only;
}

function isOnly(homes: readonly Home[], home: Home | undefined): boolean {
  return homes.length === 1 && homes[0] === home;
}

function distinctHomes(homes: readonly Home[]): Home[] {
  if (homes.length < 2) return [...homes];
  const owners = new Map<Owner, Home>();
  for (const home of homes) {
    const owner = ownerOf(home);
    const known = owners.get(owner);
    if (!known || nameOf(home) < nameOf(known)) owners.set(owner, home);
  }
  return [...owners.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function sameHomes(a: readonly Home[], b: readonly Home[]): boolean {
  return a.length === b.length && a.every((home, index) => home === b[index]);
}

function sameVia(a: Via, b: Via): boolean {
  const target = (via: Via): Entry | null => ('target' in via ? via.target : null);
  return a.by === b.by && target(a) === target(b);
}

function without(homes: readonly Home[], others: readonly Home[]): Home[] {
  const left = new Set(homes);
  for (const home of others) left.delete(home);
  return [...left];
}

function nameOf(home: Home): string {
  return home instanceof TraceState ? home.id : home.name;
}

function sorted(circle: readonly Vertex[]): Vertex[] {
  const rank = (vertex: Vertex): string =>
    vertex instanceof TraceState ? `1${vertex.id}` : `0${vertex.step.id}`;
  return [...circle].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function firstTrace(circle: readonly Vertex[]): TraceState {
  const traces = circle.map((vertex) => (vertex instanceof TraceState ? vertex : vertex.trace));
  return traces.reduce((first, trace) => (trace.id < first.id ? trace : first));
}
