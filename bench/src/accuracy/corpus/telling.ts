import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import type { AttributeInputs, SpanDescription } from '@throughline/fixtures/build/span';
import { Storyline, type StepOptions } from '@throughline/fixtures/build/storyline';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import { dialect, type Dialect, type Letter } from './dialects.js';
import type { Label } from './kinds.js';
import type { Plan, ToldFlow } from './told-flow.js';

/** How our instrumentation reports a step that goes on: after a second, and every ten from then on. */
const SNAPSHOT_AFTER_MS = 1_000;
const SNAPSHOT_EVERY_MS = 10_000;
/** Tails are long, and end before the times that people declare: what is longer is no healthy flow. */
const SIGMAS_MAX = 3.2;

export interface LastingStep extends Omit<StepOptions, 'takes'> {
  /** Null: it never ends. */
  readonly takes: number | null;
  /** The process dies here: nothing is heard of it from then on. */
  readonly diesAfterMs?: number;
  /** Nothing later than this is told: the end of the corpus. */
  readonly untilMs: number;
  /** What is known of it at its end only. */
  readonly atEnd?: AttributeInputs;
}

/** One flow while it is being told: its line, its chance, and what is known to be wrong with it. */
export class Telling {
  readonly plan: Plan;
  readonly line: Storyline;
  readonly chance: Seeded;
  readonly dialect: Dialect;
  readonly key: string;
  readonly tenant: string;
  /** The key that its messages carry from here on: another one once somebody got it wrong. */
  letterKey: string;
  #label: Label | 'unclear' = 'healthy';
  #faultAtMs: number | null = null;

  constructor(plan: Plan, seed: string) {
    const { shape, number } = plan;
    this.plan = plan;
    this.chance = seeded(`${seed}/${shape.name}/${String(number)}`);
    this.line = new Storyline({
      seed: `${seed}/spans/${String(number)}`,
      startNs: STORY_START_NS,
      correlation: null,
    });
    this.dialect = dialect(shape.dialect);
    this.key = `${shape.name}-${String(100_000 + number)}`;
    this.letterKey = this.key;
    this.tenant = `tenant-${String(number % 3)}`;
  }

  get told(): ToldFlow {
    const { number, shape, fate } = this.plan;
    return {
      number,
      shape,
      label: this.#label,
      point: fate?.point ?? null,
      faultAtMs: this.#faultAtMs,
      line: this.line,
    };
  }

  /** From this instant on something is wrong, or would be if it were not as it should. */
  befell(label: Label | 'unclear', atMs: number): void {
    this.#label = label;
    this.#faultAtMs ??= atMs;
  }

  /** Milliseconds around a median, with the tail of the shape: the logarithm is normal. */
  wait(medianMs: number, sigma = this.plan.shape.sigma): number {
    const { chance } = this;
    const radius = Math.sqrt(-2 * Math.log(1 - chance.fraction()));
    const normal = Math.min(SIGMAS_MAX, radius * Math.cos(2 * Math.PI * chance.fraction()));
    return Math.max(1, Math.round(medianMs * Math.exp(sigma * normal)));
  }

  letter(type: string, destination: string): Letter {
    const [id, hash] = [this.chance.hex(12), `h-${String(this.plan.number)}-${type}`];
    return { type, destination, id, key: this.letterKey, tenant: this.tenant, hash };
  }

  /** A step that is reported while it goes on. */
  lasting(options: LastingStep): SpanDescription {
    const { takes, diesAfterMs = Infinity, untilMs, atEnd, ...step } = options;
    const trace = step.trace ?? step.inside?.traceId ?? this.line.newTrace();
    const spanId = step.spanId ?? `2${this.chance.hex(15)}`;
    const endMs = Math.min(takes ?? Infinity, untilMs - step.at, diesAfterMs);
    const attributes = { ...step.attributes, 'throughline.pending': true };
    let last: SpanDescription | null = null;
    const { error: _error, ...open } = step;
    for (let after = SNAPSHOT_AFTER_MS; after < endMs; after += SNAPSHOT_EVERY_MS) {
      last = this.line.step({ ...open, attributes, trace, spanId, takes: after });
    }
    if (takes !== null && takes <= endMs) {
      const ended = { ...step.attributes, ...atEnd };
      return this.line.step({ ...step, attributes: ended, trace, spanId, takes });
    }
    return last ?? this.line.step({ ...open, attributes, trace, spanId, takes: 1 });
  }

  /** A request to another service and its answer. */
  ask(to: string, what: string, asking: Asking): void {
    const { by, at, takes, inside, error, attributes } = asking;
    this.line.call({
      by,
      to,
      name: what.replaceAll(' ', '-'),
      at,
      takes: Math.max(4, takes),
      inside,
      ...(error === undefined ? {} : { error }),
      ...(attributes === undefined ? {} : { attributes }),
    });
  }
}

export interface Asking {
  readonly by: string;
  readonly at: number;
  readonly takes: number;
  readonly inside: SpanDescription;
  readonly error?: string;
  readonly attributes?: AttributeInputs;
}
