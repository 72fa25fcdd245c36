import type { Flow } from '@throughline/model/policy';
import type { Step } from '@throughline/model/step';
import { isEngineEnd, isEngineStep } from './engine.js';
import { append } from './multimap.js';
import { eventOf } from './workflow-name.js';

/** Which steps say that a run has ended: by a declared outcome, by the end of a declared flow, or as its engine. */
export class Ends {
  readonly #starting = new Map<string, Flow[]>();
  readonly #ending = new Map<string, Flow[]>();
  readonly #named = new Map<string, Flow[]>();

  constructor(flows: readonly Flow[]) {
    for (const flow of flows) {
      append(this.#named, flow.workflow, flow);
      if (flow.startsWith !== null) append(this.#starting, flow.startsWith, flow);
      for (const { event } of flow.ends) append(this.#ending, event, flow);
    }
  }

  /** The step ends the run that it is in, or would if that run followed the right flow. */
  mayEnd(step: Step): boolean {
    if (step.outcome !== null) return true;
    if (step.isPending) return false;
    // An attempt at the ending step that failed is not its end.
    const isVain = step.message === null && step.status === 'error';
    if (!isVain && this.#ending.size > 0 && this.#ending.has(eventOf(step))) return true;
    return isEngineEnd(step) && isEngineStep(step);
  }

  watch(): EndWatch {
    return new EndWatch({
      ends: this,
      flowsOf: (step) => [
        ...(this.#starting.get(eventOf(step)) ?? []),
        ...(step.workflow === null ? [] : (this.#named.get(step.workflow.name) ?? [])),
      ],
      endedBy: (step) => this.#ending.get(eventOf(step)) ?? [],
    });
  }
}

interface Watched {
  readonly ends: Ends;
  readonly flowsOf: (step: Step) => readonly Flow[];
  readonly endedBy: (step: Step) => readonly Flow[];
}

/** Looks at the steps of one run, by start, and says whether they have ended it so far. */
export class EndWatch {
  readonly #watched: Watched;
  readonly #followed = new Set<Flow>();
  readonly #ended = new Set<Flow>();
  #hasEnded = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  see(step: Step): void {
    if (this.#hasEnded) return;
    const { ends, flowsOf, endedBy } = this.#watched;
    for (const flow of flowsOf(step)) this.#followed.add(flow);
    if (ends.mayEnd(step)) {
      const flows = endedBy(step);
      for (const flow of flows) this.#ended.add(flow);
      if (step.outcome !== null || isEngineEnd(step)) this.#hasEnded = true;
    }
    this.#hasEnded ||= [...this.#ended].some((flow) => this.#followed.has(flow));
  }
}
