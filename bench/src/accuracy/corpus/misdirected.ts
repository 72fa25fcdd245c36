import type { DirectedTeller } from './directed.js';
import type { Kind } from './kinds.js';
import type { Task } from './shape.js';

type Mishap = (task: Task, teller: DirectedTeller) => void;

const HANG_MS = 300_000;
const SLOW_MS = 170_000;
const DECIDE_MS = 600_000;

/** What happens to the task of the fault instead of being done as usual. */
export function misdirect(kind: Kind, task: Task, teller: DirectedTeller): void {
  const act = MISHAPS[kind];
  if (act === undefined) throw new RangeError(`nothing that is directed can have ${kind}`);
  act(task, teller);
}

const MISHAPS: Partial<Readonly<Record<Kind, Mishap>>> = {
  'hung-handler': (task, teller) => {
    teller.telling.befell('hung-handler', teller.atMs);
    teller.do(task, { takes: HANG_MS });
  },
  'slow-hop': (task, teller) => {
    teller.telling.befell('slow-hop', teller.atMs);
    teller.do(task, { takes: SLOW_MS });
  },
  'crashed-handler': (task, teller) => {
    const diesAfterMs = teller.telling.chance.pick([1_500, 12_000, 25_000]);
    teller.telling.befell('crashed-handler', teller.atMs + diesAfterMs);
    teller.do(task, { takes: null, diesAfterMs });
  },
  'human-wait': (task, teller) => {
    teller.telling.befell('human-wait', teller.atMs);
    teller.decide(task, DECIDE_MS + teller.telling.wait(20_000));
  },
  'retry-storm': storms,
  'stuck-saga': isLeftHalfWay,
  'out-of-order': succeedsTooLate,
  'telemetry-loss': isNotSeen,
};

function storms(task: Task, teller: DirectedTeller): void {
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    teller.do(task, { error: 'connection refused', takes: 40 });
    teller.atMs += 4_000;
    if (attempt === 5) teller.telling.befell('retry-storm', teller.atMs);
  }
  teller.do(task);
}

/** The task fails, one effect is undone, and then nobody goes on: the director died, or gave up. */
function isLeftHalfWay(task: Task, teller: DirectedTeller): void {
  const { telling, shape } = teller;
  const canBeUndone = teller.done.filter(({ undo }) => undo !== undefined);
  teller.do(task, { error: 'refused' });
  const last = canBeUndone.at(-1);
  if (last !== undefined && canBeUndone.length > 1) teller.undo(last);
  else if (last?.undo !== undefined) {
    const undoing: Task = { name: last.undo, service: last.service, takes: 200, via: 'http' };
    teller.do(undoing, { compensates: last.name, error: 'account is locked' });
  }
  telling.befell('stuck-saga', teller.atMs);
  if (telling.plan.number % 2 === 0) teller.end('failed', `${shape.name} failed`);
  else teller.die();
}

/** The director waits no longer and undoes everything; then the service that was asked comes through after all. */
function succeedsTooLate(task: Task, teller: DirectedTeller): void {
  const takes = 9_000 + teller.telling.wait(2_000, 0.3);
  const lateMs = teller.atMs + takes;
  teller.do(task, { takes, patienceMs: 3_000, error: 'timeout' });
  teller.undo(task);
  for (const each of [...teller.done].reverse()) {
    if (each.undo !== undefined) teller.undo(each);
  }
  teller.end('compensated');
  teller.telling.befell('out-of-order', lateMs);
}

function isNotSeen(task: Task, teller: DirectedTeller): void {
  const { spans } = teller.telling.line;
  const before = spans.length;
  teller.do(task);
  const own = spans.slice(before);
  const gone = new Set(own.filter((one) => one.resource['service.name'] === task.service));
  spans.splice(0, spans.length, ...spans.filter((one) => !gone.has(one)));
  teller.telling.befell('telemetry-loss', teller.atMs);
}
