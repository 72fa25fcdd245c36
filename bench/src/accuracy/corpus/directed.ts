import { span, type SpanDescription } from '@throughline/fixtures/build/span';
import type { World } from './reacting.js';
import type { Directed, Task } from './shape.js';
import { misdirect } from './misdirected.js';
import type { LastingStep, Telling } from './telling.js';

export type Outcome = 'completed' | 'failed' | 'compensated';

/** How a task is done, where it is not done as usual. Milliseconds. */
export interface Doing {
  /** How long the service that is asked takes; null: it never answers. */
  readonly takes?: number | null;
  readonly diesAfterMs?: number;
  readonly error?: string;
  /** The director waits no longer than this. */
  readonly patienceMs?: number;
  readonly compensates?: string;
}

/** A flow that one service directs, told task by task. */
export class DirectedTeller {
  readonly telling: Telling;
  readonly shape: Directed;
  readonly world: World;
  readonly done: Task[] = [];
  readonly #root: SpanDescription;
  atMs: number;
  #end: { outcome: Outcome | null; error: string | null; isDead: boolean } | null = null;

  constructor(telling: Telling, shape: Directed, world: World) {
    this.telling = telling;
    this.shape = shape;
    this.world = world;
    this.atMs = telling.plan.startMs + 10;
    this.#root = span({
      traceId: telling.line.newTrace(),
      spanId: `3${telling.chance.hex(15)}`,
      service: shape.director,
      name: shape.name,
      startNs: telling.line.instant(telling.plan.startMs),
    });
  }

  tell(): void {
    const { telling, shape } = this;
    const { fate } = telling.plan;
    for (const task of shape.tasks) {
      if (this.#end !== null) break;
      if (fate?.point === `${shape.name}>${task.name}`) misdirect(fate.kind, task, this);
      else if (task.isApproval === true) {
        if (telling.chance.fraction() < 0.2) this.decide(task, telling.wait(20_000));
      } else if (this.#isRefused(task)) this.giveUp(task, 'not possible');
      else this.do(task);
    }
    this.#tellRoot();
  }

  /** Asks for the task and waits for the answer. */
  do(task: Task, doing: Doing = {}): void {
    const { telling, atMs: at, world } = this;
    const takes = doing.takes === undefined ? telling.wait(task.takes) : doing.takes;
    const waits = takes === null ? null : Math.min(takes + 20, doing.patienceMs ?? Infinity);
    const { error } = doing;
    const step = telling.lasting({
      by: this.shape.director,
      name: task.name,
      at,
      takes: waits,
      inside: this.#root,
      untilMs: world.untilMs,
      attributes: {
        'throughline.step.name': task.name,
        ...(this.shape.taskDeadlineMs === undefined
          ? {}
          : { 'throughline.deadline_ms': this.shape.taskDeadlineMs }),
        ...(doing.compensates === undefined
          ? {}
          : {
              'throughline.step.kind': 'compensation',
              'throughline.compensates': doing.compensates,
            }),
      },
      ...(error === undefined ? {} : { error }),
    });
    const asked = { task, step, takes, waits, doing };
    if (task.via === 'http') this.#call(asked);
    else this.#command(asked);
    this.atMs = at + (waits ?? world.untilMs) + 15;
    if (error === undefined) this.done.push(task);
  }

  decide(task: Task, takes: number): void {
    const { telling, atMs: at, world } = this;
    telling.lasting({
      by: this.shape.director,
      name: task.name,
      at,
      takes,
      inside: this.#root,
      untilMs: world.untilMs,
      attributes: { 'throughline.step.kind': 'approval' },
    });
    this.atMs = at + takes + 15;
  }

  /** The task fails; all that was done is undone, last first. */
  giveUp(task: Task, error: string): void {
    this.do(task, { error });
    for (const each of [...this.done].reverse()) this.undo(each);
    this.end('compensated');
  }

  undo(task: Task): void {
    if (task.undo === undefined) return;
    const undoing: Task = { name: task.undo, service: task.service, takes: 200, via: 'http' };
    this.do(undoing, { compensates: task.name });
  }

  end(outcome: Outcome, error: string | null = null): void {
    this.#end = { outcome, error, isDead: false };
  }

  /** The director is no more. */
  die(): void {
    this.#end = { outcome: null, error: null, isDead: true };
  }

  #isRefused(task: Task): boolean {
    const { telling, shape } = this;
    const isLast = task === shape.tasks.at(-1);
    return isLast && telling.plan.fate === null && telling.chance.fraction() < 0.05;
  }

  #tellRoot(): void {
    const { telling, world, shape } = this;
    const { startMs } = telling.plan;
    const { outcome, error, isDead } = this.#end ?? {
      outcome: 'completed',
      error: null,
      isDead: false,
    };
    const isOver = !isDead && this.atMs < world.untilMs;
    const options: LastingStep = {
      by: shape.director,
      name: shape.name,
      at: startMs,
      takes: isOver ? this.atMs - startMs : null,
      trace: this.#root.traceId,
      spanId: this.#root.spanId,
      untilMs: world.untilMs,
      attributes: {
        ...telling.dialect.door(telling.key),
        'throughline.workflow.name': shape.name,
      },
      atEnd: outcome === null ? {} : { 'throughline.outcome': outcome },
      ...(isDead ? { diesAfterMs: this.atMs - startMs } : {}),
      ...(error === null ? {} : { error }),
    };
    telling.lasting(options);
  }

  #call({ task, step, takes, waits, doing }: Asked): void {
    const { telling, world, shape } = this;
    const at = this.atMs + 4;
    const { error, diesAfterMs, patienceMs } = doing;
    const name = task.name.replaceAll(' ', '-');
    const failed = error === undefined ? {} : { error };
    const http = { 'http.request.method': 'POST', 'url.path': `/${name}` };
    const client = telling.lasting({
      by: shape.director,
      name: `POST /${name}`,
      kind: 'client',
      at,
      takes: waits === null ? null : waits - 8,
      inside: step,
      untilMs: world.untilMs,
      attributes: { ...http, 'server.address': task.service },
      ...failed,
    });
    telling.lasting({
      by: task.service,
      name,
      kind: 'server',
      at: at + 2,
      takes,
      inside: client,
      untilMs: world.untilMs,
      attributes: { ...http, 'http.route': `/${name}` },
      ...(diesAfterMs === undefined ? {} : { diesAfterMs }),
      // Whoever is asked does not know that nobody waits any more.
      ...(patienceMs === undefined ? failed : {}),
    });
  }

  #command({ task, step, takes, doing }: Asked): void {
    const { telling, world, shape } = this;
    const at = this.atMs + 4;
    const command = telling.letter(task.name, `${task.service}-commands`);
    const sent = telling.line.step({
      by: shape.director,
      name: `send ${command.destination}`,
      kind: 'producer',
      at,
      takes: 2,
      inside: step,
      attributes: {
        ...telling.dialect.send(command),
        'throughline.event.kind': 'command',
        'throughline.event.type': task.name,
      },
    });
    const taken = telling.lasting({
      by: task.service,
      name: `process ${command.destination}`,
      kind: 'consumer',
      at: at + 5,
      takes: takes === null ? null : Math.max(1, takes - 20),
      untilMs: world.untilMs,
      links: [{ traceId: sent.traceId, spanId: sent.spanId, attributes: {} }],
      attributes: {
        ...telling.dialect.take(command, task.service),
        'throughline.event.kind': 'command',
        'throughline.event.type': task.name,
      },
      ...(doing.diesAfterMs === undefined ? {} : { diesAfterMs: doing.diesAfterMs }),
      ...(doing.error === undefined ? {} : { error: doing.error }),
    });
    telling.line.edge({ from: sent, to: taken, kind: 'message', evidence: 'link' });
    if (takes === null || doing.error !== undefined || at + takes > world.untilMs) return;
    this.#reply(task, taken, at + takes - 12);
  }

  #reply(task: Task, taken: SpanDescription, at: number): void {
    const { telling, shape } = this;
    const reply = telling.letter(`${task.name} done`, `${shape.director}-replies`);
    const typed = { 'throughline.event.type': reply.type };
    const sent = telling.line.step({
      by: task.service,
      name: `send ${reply.destination}`,
      kind: 'producer',
      at,
      takes: 2,
      inside: taken,
      attributes: { ...telling.dialect.send(reply), ...typed },
    });
    const got = telling.line.step({
      by: shape.director,
      name: `process ${reply.destination}`,
      kind: 'consumer',
      at: at + 6,
      takes: 3,
      links: [{ traceId: sent.traceId, spanId: sent.spanId, attributes: {} }],
      attributes: { ...telling.dialect.take(reply, shape.director), ...typed },
    });
    telling.line.edge({ from: sent, to: got, kind: 'message', evidence: 'link' });
  }
}

interface Asked {
  readonly task: Task;
  readonly step: SpanDescription;
  readonly takes: number | null;
  readonly waits: number | null;
  readonly doing: Doing;
}
