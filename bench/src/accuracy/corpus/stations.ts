import type { Point } from './shape.js';

/** A time during which one place of a shape does not work as it should. Milliseconds. */
export interface Incident {
  readonly kind: 'missing-consumer' | 'queue-lag';
  readonly point: Point;
  readonly fromMs: number;
  /** What waits is read from then on. Infinity: it never gets better. */
  readonly toMs: number;
}

export interface Admission {
  /** When the message is read; null: never. */
  readonly atMs: number | null;
  readonly incident: Incident | null;
}

/** Between two messages, while a backlog is worked off. */
const DRAIN_MS = 200;
/** How long one takes while the reader is slow. */
export const SLOW_MS = 14_000;

/** The readers of one shape as they are over time: whether they read at all, and how busy they are. */
export class Stations {
  readonly #incidents: readonly Incident[];
  readonly #freeAtMs = new Map<Incident, number>();

  constructor(incidents: readonly Incident[]) {
    this.#incidents = incidents;
  }

  /**
   * When a message that could be read at the instant is read. @param keepsOrder false: it comes out of turn, and has to
   * wait until all is well.
   */
  admit(point: Point, atMs: number, keepsOrder: boolean): Admission {
    for (const incident of this.#incidents) {
      const { kind, fromMs, toMs } = incident;
      if (incident.point !== point || atMs < fromMs) continue;
      const freeAtMs = this.#freeAtMs.get(incident) ?? fromMs;
      const isOver = atMs >= toMs && (kind === 'missing-consumer' || freeAtMs <= atMs);
      if (isOver) continue;
      if (toMs === Infinity) return { atMs: null, incident };
      const isSlow = kind === 'queue-lag' && keepsOrder;
      const readAtMs = isSlow
        ? Math.max(freeAtMs, atMs)
        : Math.max(freeAtMs, atMs, toMs) + DRAIN_MS;
      const busyMs = readAtMs < toMs ? SLOW_MS : DRAIN_MS;
      if (keepsOrder) this.#freeAtMs.set(incident, readAtMs + busyMs);
      return { atMs: readAtMs, incident };
    }
    return { atMs, incident: null };
  }
}
