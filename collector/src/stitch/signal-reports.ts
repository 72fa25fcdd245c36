import type { Key } from '@throughline/model/key';
import type { Step } from '@throughline/model/step';
import { preferred } from './preferred.js';

/** A step that no report names. */
const UNNAMED = 'unnamed step';

interface Report {
  readonly step: Step;
  /** The last stored body that holds it. */
  readonly bodyId: number;
}

/**
 * The reports of one step of which at least one is a signal from a log: the start, the last heartbeat, the end, and
 * the span, finished or not, if one came as well. What they say together depends on the set of them, in any order:
 * each place keeps the report that is preferred over all others of its kind.
 */
export class SignalReports {
  readonly #reports = new Map<'span' | 'start' | 'heartbeat' | 'end', Report>();

  /** @returns false when the report says nothing new. */
  add(step: Step, bodyId: number): boolean {
    const place = step.signal ?? 'span';
    const known = this.#reports.get(place);
    if (known === undefined) {
      this.#reports.set(place, { step, bodyId });
      return true;
    }
    const kept = preferred(known.step, step);
    this.#reports.set(place, { step: kept, bodyId: Math.max(known.bodyId, bodyId) });
    return kept !== known.step;
  }

  /** Forgets what no body from this one on, and none that is kept, has reported. @returns false when nothing was. */
  forget(beforeBodyId: number, kept: ReadonlySet<number>): boolean {
    const old = [...this.#reports].filter(
      ([, { bodyId }]) => bodyId < beforeBodyId && !kept.has(bodyId),
    );
    for (const [place] of old) this.#reports.delete(place);
    return old.length > 0;
  }

  get bodyIds(): readonly number[] {
    return [...this.#reports.values()].map(({ bodyId }) => bodyId);
  }

  /** A finished span has said everything; else the end, else what is pending, each filled up from what came before. */
  get step(): Step {
    const span = this.#reports.get('span')?.step;
    if (span && !span.isPending) return span;
    const places = ['heartbeat', 'start', 'span', 'end'] as const;
    const told = places.flatMap((place) => this.#reports.get(place)?.step ?? []);
    const step = told.reduce(overlaid);
    return step.name === '' && step.signal !== undefined ? { ...step, name: UNNAMED } : step;
  }
}

/** The upper report, and from the lower one what the upper does not say. */
function overlaid(lower: Step, upper: Step): Step {
  const acting = upper.message === null && lower.message !== null ? lower : upper;
  return {
    ...upper,
    ...timesOf(lower, upper),
    parentSpanId: upper.parentSpanId ?? lower.parentSpanId,
    links: upper.links.length > 0 ? upper.links : lower.links,
    serviceVersion: upper.serviceVersion ?? lower.serviceVersion,
    instance: upper.instance ?? lower.instance,
    name: upper.name === '' ? lower.name : upper.name,
    role: acting.role,
    message: acting.message,
    peer: upper.peer ?? lower.peer,
    callSystem: upper.callSystem ?? lower.callSystem,
    declaredKind: upper.declaredKind ?? lower.declaredKind,
    keys: [...upper.keys, ...lower.keys.filter((key) => !upper.keys.some(sameAs(key)))],
    workflow: upper.workflow ?? lower.workflow,
    attempt: upper.attempt ?? lower.attempt,
    expects: upper.expects.length > 0 ? upper.expects : lower.expects,
    deadlineMs: upper.deadlineMs ?? lower.deadlineMs,
    compensates: upper.compensates ?? lower.compensates,
    outcome: upper.outcome ?? lower.outcome,
    skippedReason: upper.skippedReason ?? lower.skippedReason,
    actor: upper.actor ?? lower.actor,
    attributes: new Map([...lower.attributes, ...upper.attributes]),
  };
}

/** From the earliest that any report tells; up to the end, or to the last sign of life. */
function timesOf(lower: Step, upper: Step): Pick<Step, 'startedAtNs' | 'endedAtNs'> {
  const startedAtNs = lower.startedAtNs < upper.startedAtNs ? lower.startedAtNs : upper.startedAtNs;
  const isLonger = upper.isPending && lower.endedAtNs > upper.endedAtNs;
  return { startedAtNs, endedAtNs: isLonger ? lower.endedAtNs : upper.endedAtNs };
}

function sameAs(key: Key): (other: Key) => boolean {
  return ({ type, value, relation }) =>
    type === key.type && value === key.value && relation === key.relation;
}
