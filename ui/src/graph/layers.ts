import { multimap, type Link, type Node } from './graph.js';

/**
 * Turns links round until no cycle is left. Depth first from the nodes that nothing leads to, then from those
 * that lead to more than leads to them; ties by id, so that the same graph always gives the same picture.
 */
export function withoutCycles(nodes: readonly Node[], links: readonly Link[]): Link[] {
  const out = multimap(links, ({ from }) => from);
  const into = multimap(links, ({ to }) => to);
  const degree = (map: Map<string, Link[]>, id: string) => map.get(id)?.length ?? 0;
  const rank = new Map(nodes.map(({ id, startRank = 0 }) => [id, startRank]));
  const starts = nodes
    .map(({ id }) => id)
    .sort(
      (a, b) =>
        Number(degree(into, a) > 0) - Number(degree(into, b) > 0) ||
        (rank.get(a) ?? 0) - (rank.get(b) ?? 0) ||
        degree(into, a) - degree(out, a) - (degree(into, b) - degree(out, b)) ||
        (a < b ? -1 : 1),
    );
  const state = new Map<string, 'open' | 'done'>();
  const result: Link[] = [];
  for (const start of starts) {
    if (state.has(start)) continue;
    const stack = [{ id: start, next: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const link = out.get(top.id)?.[top.next++];
      if (link === undefined) {
        state.set(top.id, 'done');
        stack.pop();
      } else if (state.get(link.to) === 'open') {
        result.push({ from: link.to, to: link.from });
      } else {
        result.push(link);
        if (!state.has(link.to)) {
          state.set(link.to, 'open');
          stack.push({ id: link.to, next: 0 });
        }
      }
    }
  }
  return result;
}

/** Longest path from the left; nodes that start something move right until just before what they start. */
export function layersOf(nodes: readonly Node[], acyclic: readonly Link[]): Map<string, number> {
  const out = multimap(acyclic, ({ from }) => from);
  const waiting = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { to } of acyclic) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const layers = new Map<string, number>();
  const ready = nodes.map(({ id }) => id).filter((id) => waiting.get(id) === 0);
  for (const id of ready) layers.set(id, 0);
  for (let at = 0; at < ready.length; at += 1) {
    const id = ready[at] as string;
    for (const { to } of out.get(id) ?? []) {
      layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(id) ?? 0) + 1));
      const left = (waiting.get(to) ?? 1) - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const hasCause = new Set(acyclic.map(({ to }) => to));
  for (const { id } of nodes) {
    const followers = out.get(id);
    if (hasCause.has(id) || followers === undefined) continue;
    layers.set(id, Math.min(...followers.map(({ to }) => layers.get(to) ?? 1)) - 1);
  }
  return layers;
}
