import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId, type Hop, type Place } from '@throughline/model/traffic';
import type { Affected } from '../affected.js';
import { DeclaredTraffic } from '../declared-traffic.js';
import { always, type Verdicts } from '../judging.js';
import { declaredUnseen } from '../rules/declared-unseen.js';
import type { RuleView } from '../rules/rule-view.js';
import { NEWS_MS, unknownEdge } from '../rules/unknown-edge.js';
import { TimeList } from '../time-list.js';
import type { Watch, Watched } from './watch.js';

/** A way that one service takes: it sends to, or takes from, a destination, or calls another service. */
export interface Movement {
  readonly key: string;
  readonly kind: 'send' | 'take' | 'call';
  readonly service: string;
  readonly other: Place;
  readonly messageType: string | null;
  /** The documents speak of the service and know nothing of this. */
  readonly isUndeclared: boolean;
  readonly runs: TimeList<Affected>;
  readonly has: (id: RunId) => boolean;
}

/** Everything that one service did. */
export interface Mover {
  readonly runs: TimeList<Affected>;
  readonly movements: Set<Movement>;
}

interface Share {
  readonly since: Affected;
  readonly movements: readonly Movement[];
  readonly services: readonly string[];
}

/** Remembers who moves what where, and since when. */
export class MovementWatch implements Watch {
  readonly #declared: DeclaredTraffic;
  readonly #movements = new Map<string, Movement>();
  readonly #movers = new Map<string, Mover>();
  readonly #ofRun = new Map<RunId, Share>();

  constructor({ declared }: Policy) {
    this.#declared = new DeclaredTraffic(declared);
  }

  put({ index: { run }, contribution: { hops } }: Watched): Iterable<string> {
    if (hops.length === 0 && !this.#ofRun.has(run.id)) return NO_KEYS;
    const touched = new Set(this.remove(run.id));
    const movements = new Set<Movement>();
    for (const hop of hops) {
      const movement = this.#movementOf(hop);
      if (movement !== null) movements.add(movement);
    }
    if (movements.size === 0) return touched;
    const since: Affected = { runId: run.id, sinceNs: run.startedAtNs };
    const services = new Set([...movements].map(({ service }) => service));
    this.#ofRun.set(run.id, { since, movements: [...movements], services: [...services] });
    for (const service of services) {
      const mover = this.#movers.get(service) ?? { runs: new TimeList(), movements: new Set() };
      this.#movers.set(service, mover);
      mover.runs.add(since);
    }
    for (const service of services) {
      if (this.#declared.speaksOf(service)) touched.add(DECLARED + service);
    }
    for (const movement of movements) {
      movement.runs.add(since);
      this.#movements.set(movement.key, movement);
      this.#movers.get(movement.service)?.movements.add(movement);
      if (isOfInterest(movement, since)) touched.add(movement.key);
    }
    return touched;
  }

  remove(id: RunId): Iterable<string> {
    const share = this.#ofRun.get(id);
    if (share === undefined) return NO_KEYS;
    this.#ofRun.delete(id);
    const { since, movements, services } = share;
    const touched: string[] = [];
    for (const service of services) {
      const mover = this.#movers.get(service);
      mover?.runs.delete(since);
      if (mover?.runs.size === 0) this.#movers.delete(service);
      if (this.#declared.speaksOf(service)) touched.push(DECLARED + service);
    }
    for (const movement of movements) {
      if (isOfInterest(movement, since)) touched.push(movement.key);
      movement.runs.delete(since);
      if (movement.runs.size > 0) continue;
      this.#movements.delete(movement.key);
      this.#movers.get(movement.service)?.movements.delete(movement);
    }
    return touched;
  }

  *ofRun(id: RunId): Iterable<string> {
    for (const { key } of this.#ofRun.get(id)?.movements ?? []) yield key;
  }

  judge(subject: string, view: RuleView, now: UnixNs): Verdicts {
    if (subject.startsWith(DECLARED)) {
      const service = subject.slice(DECLARED.length);
      const known = this.#movers.get(service);
      if (known === undefined) return always(null);
      return declaredUnseen({ service, mover: known, declared: this.#declared }, view, now);
    }
    const movement = this.#movements.get(subject);
    const mover = movement && this.#movers.get(movement.service);
    if (movement === undefined || mover === undefined) return always(null);
    return unknownEdge({ movement, mover, declared: this.#declared }, view, now);
  }

  #movementOf(hop: Hop): Movement | null {
    const { kind, from, to, messageType } = hop;
    if (kind === 'dead-letter' || from.kind === 'dead-letter' || to.kind !== kindOf(kind))
      return null;
    const [actor, other] = kind === 'take' ? [to, from] : [from, to];
    const key = `${kind}\u0000${actor.name}\u0000${placeId(other)}\u0000${messageType ?? '\u0000'}`;
    const known = this.#movements.get(key);
    if (known !== undefined) return known;
    const service = actor.name;
    const ofRun = this.#ofRun;
    const movement: Movement = {
      key,
      kind,
      service,
      other,
      messageType,
      isUndeclared: kind !== 'call' && this.#isUndeclared(kind, { service, other, messageType }),
      runs: new TimeList(),
      has: (id) => ofRun.get(id)?.movements.includes(movement) === true,
    };
    return movement;
  }

  #isUndeclared(
    kind: 'send' | 'take',
    { service, other, messageType }: Pick<Movement, 'service' | 'other' | 'messageType'>,
  ): boolean {
    const { name: destination, system } = other;
    const seen = { kind, service, destination, system: system ?? '', messageType };
    if (this.#declared.of(seen).length === 0) return false;
    return this.#declared.placeOf(seen) === null && !this.#declared.knowsType(seen);
  }
}

const NO_KEYS: readonly string[] = [];
/** What a document says of one service. */
const DECLARED = 'declared\u0000';

function kindOf(kind: 'send' | 'take' | 'call'): Place['kind'] {
  return kind === 'send' ? 'destination' : 'service';
}

/** What has been there for a while is known, whatever more comes. */
function isOfInterest({ isUndeclared, runs }: Movement, { sinceNs }: Affected): boolean {
  const first = runs.first();
  if (isUndeclared || first === undefined) return true;
  return sinceNs - first.sinceNs <= nsFromMs(NEWS_MS);
}
