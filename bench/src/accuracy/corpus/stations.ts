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

  /** When a message that could be read at the instant is read. */
  admit(point: Point, atMs: number): Admission {
    for (const incident of this.#incidents) {
      if (incident.point !== point || atMs < incident.fromMs) continue;
      const freeAtMs = this.#freeAtMs.get(incident) ?? incident.fromMs;
      if (incident.kind === 'missing-consumer') {
        if (atMs >= incident.toMs) continue;
        if (incident.toMs === Infinity) return { atMs: null, incident };
        const readAtMs = Math.max(freeAtMs, incident.toMs) + DRAIN_MS;
        this.#freeAtMs.set(incident, readAtMs);
        return { atMs: readAtMs, incident };
      }
      if (atMs >= incident.toMs && freeAtMs <= atMs) continue;
      const readAtMs = Math.max(freeAtMs, atMs);
      const isSlow = readAtMs < incident.toMs;
      this.#freeAtMs.set(incident, readAtMs + (isSlow ? SLOW_MS : DRAIN_MS));
      return { atMs: readAtMs, incident };
    }
    return { atMs, incident: null };
  }
}
