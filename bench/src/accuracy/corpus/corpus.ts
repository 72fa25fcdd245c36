import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import { DirectedTeller } from './directed.js';
import { KINDS, type Kind } from './kinds.js';
import { CERTAINLY_LATE_MS, ReactingTeller } from './reacting.js';
import type { Point, Shape } from './shape.js';
import { SHAPES } from './shapes.js';
import { SLOW_MS, Stations, type Incident } from './stations.js';
import { Telling } from './telling.js';
import type { Fate, Plan, ToldFlow } from './told-flow.js';

export interface CorpusSpec {
  readonly seed: string;
  /** Flows without any fault, over all shapes. */
  readonly healthy: number;
  /** Flows of each kind of fault, at least. */
  readonly each: number;
  /** Mean distance of two flows of one shape. Milliseconds. */
  readonly everyMs: number;
  /** Only these shapes; all unless said. */
  readonly shapes?: readonly Shape[];
}

export interface Corpus {
  readonly flows: readonly ToldFlow[];
  /** Milliseconds from the start to the instant after which nothing happens. */
  readonly endMs: number;
}

/** From the last beginning of a flow to the end of the corpus: whatever is to be found is found by then. */
const SETTLE_MS = 15 * 60_000;
/** Of the healthy flows of a shape, so many come before anything goes wrong. */
const WARM_UP_SHARE = 0.5;
/** Flows between two incidents of a shape. */
const BETWEEN = 12;
/** An incident goes on for so long after the last flow that counts began: those at its end wait too briefly. */
const INCIDENT_TAIL_MS = CERTAINLY_LATE_MS + 10_000;

/** Tells all flows, shape by shape, each shape's incidents in their order of time. */
export function tellCorpus(spec: CorpusSpec): Corpus {
  const chance = seeded(`${spec.seed}/corpus`);
  const shapes = spec.shapes ?? SHAPES;
  const fates = fatesOf(spec, shapes, chance);
  const lineUps = shapes.map((shape) => {
    const own = fates.get(shape) ?? NOTHING;
    const healthy = Math.ceil(spec.healthy / shapes.length);
    return lineUp(shape, { ...own, healthy }, { spec, chance });
  });
  const endMs = Math.max(...lineUps.map(({ untilMs }) => untilMs)) + SETTLE_MS;
  let number = 0;
  const flows = lineUps.flatMap(({ shape, begins, incidents }) => {
    const stations = new Stations(incidents);
    return begins.map(({ startMs, fate }) => {
      number += 1;
      return tellFlow({ number, shape, startMs, fate }, { stations, untilMs: endMs }, spec.seed);
    });
  });
  return { flows, endMs };
}

function tellFlow(
  plan: Plan,
  world: { readonly stations: Stations; readonly untilMs: number },
  seed: string,
): ToldFlow {
  const telling = new Telling(plan, seed);
  const { shape } = plan;
  if (shape.form === 'reacting') new ReactingTeller(telling, shape, world).tell();
  else new DirectedTeller(telling, shape, world).tell();
  return telling.told;
}

interface OwnFates {
  readonly single: readonly Fate[];
  /** How many flows are to be in incidents of the kind at the point. */
  readonly incidents: readonly (Fate & { readonly count: number })[];
}
const NOTHING: OwnFates = { single: [], incidents: [] };

/**
 * Where nobody declared what should follow, it is learned; and what befalls every fiftieth flow is not unusual there.
 * Of a shape without a declared flow at most this share is slow, or left without an answer.
 */
const RARE_SHARE = 0.003;
const UNUSUAL: ReadonlySet<Kind> = new Set(['hung-handler', 'lost-branch', 'slow-hop']);

function mayBeFrequent(kind: Kind, { flow }: Shape): boolean {
  return flow !== null || !UNUSUAL.has(kind);
}

const isIncident = (kind: Kind, point: Point): boolean =>
  kind === 'queue-lag' || (kind === 'missing-consumer' && !point.endsWith('>nobody'));

/** Deals every kind out to the places where it can happen. */
function fatesOf(
  { each, healthy }: CorpusSpec,
  shapes: readonly Shape[],
  chance: Seeded,
): ReadonlyMap<Shape, OwnFates> {
  const dealt = new Map<Shape, { single: Fate[]; incidents: (Fate & { count: number })[] }>();
  for (const kind of each === 0 ? [] : KINDS) {
    const places = shapes.flatMap((shape) =>
      (shape.points[kind] ?? []).map((point) => ({ shape, point })),
    );
    const rare = Math.max(1, Math.floor((RARE_SHARE * healthy) / shapes.length));
    // The rare ones come first, so that the others make up for what they cannot hold.
    places.sort(
      (a, b) => Number(mayBeFrequent(kind, b.shape)) - Number(mayBeFrequent(kind, a.shape)),
    );
    let left = each;
    for (const [at, { shape, point }] of [...places.entries()].reverse()) {
      const most = mayBeFrequent(kind, shape) ? Infinity : rare;
      const count = Math.min(most, Math.ceil(left / (at + 1)));
      left -= count;
      const own = dealt.get(shape) ?? { single: [], incidents: [] };
      dealt.set(shape, own);
      if (isIncident(kind, point)) own.incidents.push({ kind, point, count });
      else for (let n = 0; n < count; n += 1) own.single.push({ kind, point });
    }
  }
  for (const { single } of dealt.values()) shuffle(single, chance);
  return dealt;
}

interface LineUp {
  readonly shape: Shape;
  readonly begins: readonly { readonly startMs: number; readonly fate: Fate | null }[];
  readonly incidents: readonly Incident[];
  readonly untilMs: number;
}

/** A warm-up, then healthy and unlucky flows in a mixed order, then one incident after the other. */
function lineUp(
  shape: Shape,
  { single, incidents, healthy }: OwnFates & { readonly healthy: number },
  { spec, chance }: { readonly spec: CorpusSpec; readonly chance: Seeded },
): LineUp {
  const warm = Math.ceil(healthy * WARM_UP_SHARE);
  const mixed: (Fate | null)[] = [...single];
  for (let n = warm; n < healthy; n += 1) mixed.push(null);
  shuffle(mixed, chance);
  const fates: (Fate | null)[] = [...Array<null>(warm).fill(null), ...mixed];
  const told: Incident[] = [];
  const { everyMs } = spec;
  // Slow readers get well again; whoever is gone in the end does not come back.
  const inOrder = [...incidents].sort((a, b) => (a.kind < b.kind ? 1 : -1));
  for (const [at, { kind, point, count }] of inOrder.entries()) {
    if (kind !== 'missing-consumer' && kind !== 'queue-lag') continue;
    // A slow reader still reads some of them.
    const read =
      kind === 'queue-lag' ? Math.ceil((INCIDENT_TAIL_MS + count * everyMs) / SLOW_MS) : 0;
    const length = count + read + Math.ceil(INCIDENT_TAIL_MS / everyMs);
    const fromMs = (fates.length + BETWEEN) * everyMs;
    const isForGood = kind === 'missing-consumer' && at === inOrder.length - 1;
    told.push({ kind, point, fromMs, toMs: isForGood ? Infinity : fromMs + length * everyMs });
    const after = isForGood ? count : length + BETWEEN;
    for (let n = 0; n < BETWEEN + after; n += 1) fates.push(null);
  }
  const begins = fates.map((fate, at) => ({
    startMs: Math.round((at + chance.fraction()) * everyMs),
    fate,
  }));
  return { shape, begins, incidents: told, untilMs: fates.length * everyMs };
}

function shuffle<T>(items: T[], chance: Seeded): void {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = chance.below(at + 1);
    [items[at], items[other]] = [items[other] as T, items[at] as T];
  }
}
