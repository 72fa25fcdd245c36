import { preciseMs } from '../theme/format.js';
import type { FlowGraph, FlowNode } from './flow.js';
import { multimap } from './graph.js';

interface Times {
  readonly start: number;
  readonly end: number;
}

/**
 * Column of every node: right of its causes, and right of what the same cause did and finished before, so that
 * the calls of a conductor stand in the order in which they were made.
 */
export function rankFlow({
  nodes,
  edges,
}: Pick<FlowGraph, 'nodes' | 'edges'>): Map<string, number> {
  const causes = multimap(edges, ({ to }) => to);
  const followers = multimap(edges, ({ from }) => from);
  const times = new Map(nodes.map((node) => [node.id, timesOf(node)]));
  const ranks = new Map<string, number>();
  /** The furthest column that a node's finished work has reached so far. */
  const reach = new Map<string, number>();
  for (const id of causalOrder(nodes, causes, followers)) {
    const own = times.get(id) as Times;
    let rank = 0;
    for (const { from } of causes.get(id) ?? []) {
      const cause = ranks.get(from);
      if (cause === undefined) continue;
      rank = Math.max(rank, cause + 1, earlierSibling(from, id, own) + 1);
    }
    ranks.set(id, rank);
    raiseReach(id, rank);
  }
  return ranks;

  function earlierSibling(cause: string, id: string, own: Times): number {
    let furthest = -1;
    for (const { to } of followers.get(cause) ?? []) {
      const rank = ranks.get(to);
      if (to === id || rank === undefined) continue;
      const sibling = times.get(to) as Times;
      if (sibling.end <= own.start) furthest = Math.max(furthest, reach.get(to) ?? rank);
    }
    return furthest;
  }

  /** What ends within its cause belongs to the cause's work; a message that is taken later does not. */
  function raiseReach(id: string, rank: number): void {
    let at: string | undefined = id;
    const passed = new Set<string>();
    while (at !== undefined && !passed.has(at) && (reach.get(at) ?? -1) < rank) {
      passed.add(at);
      reach.set(at, rank);
      const end: number = (times.get(at) as Times).end;
      const cause: string | undefined = causes.get(at)?.[0]?.from;
      at = cause !== undefined && (times.get(cause) as Times).end >= end ? cause : undefined;
    }
  }
}

function timesOf({ step, promise }: FlowNode): Times {
  if (step === null) {
    const due = promise === null ? Infinity : Number.MAX_SAFE_INTEGER;
    return { start: due, end: due };
  }
  const start = preciseMs(step.startedAt);
  return { start, end: step.endedAt === null ? Infinity : preciseMs(step.endedAt) };
}

type Ends = ReadonlyMap<string, readonly { readonly from: string; readonly to: string }[]>;

/** Causes first, else by time (the order of `nodes`); a cycle, which bad data may hold, is cut at its earliest. */
function causalOrder(nodes: readonly FlowNode[], causes: Ends, followers: Ends): string[] {
  const waiting = new Map(nodes.map(({ id }) => [id, causes.get(id)?.length ?? 0]));
  const left = nodes.map(({ id }) => id);
  const order: string[] = [];
  while (left.length > 0) {
    const ready = left.findIndex((id) => (waiting.get(id) ?? 0) <= 0);
    const [id = ''] = left.splice(Math.max(0, ready), 1);
    order.push(id);
    for (const { to } of followers.get(id) ?? []) waiting.set(to, (waiting.get(to) ?? 0) - 1);
  }
  return order;
}
