import { multimap } from './graph.js';
import type { FlowGraph, FlowNode } from './flow.js';

/** Steps that do the same in the same service, drawn as one with a count. */
export interface FlowGroup {
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly nodes: readonly FlowNode[];
  readonly isFrontier: boolean;
}

export interface GroupedFlow {
  readonly groups: readonly FlowGroup[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly count: number }[];
}

/** Above this many shown steps, a flow is drawn by groups; timeline and events still show every step. */
export const FLOW_NODES_MAX = 400;

function groupKey({ lane, step, message, promise }: FlowNode): string {
  const name = message?.type ?? step?.name ?? promise?.what ?? '';
  return `${lane}\u0000${step?.role ?? 'expected'}\u0000${name}`;
}

export function groupFlow({ nodes, edges, frontier }: FlowGraph): GroupedFlow {
  const groupOf = new Map(nodes.map((node) => [node.id, groupKey(node)]));
  const groups = [...multimap(nodes, groupKey)].map(([id, members]) => {
    const [service = '', , name = ''] = id.split('\u0000');
    return {
      id,
      service,
      name,
      nodes: members,
      isFrontier: members.some((one) => frontier.has(one.id)),
    };
  });
  const counts = new Map<string, number>();
  for (const { from, to } of edges) {
    const key = `${groupOf.get(from) ?? ''}\u0001${groupOf.get(to) ?? ''}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return {
    groups,
    edges: [...counts].map(([key, count]) => {
      const [from = '', to = ''] = key.split('\u0001');
      return { from, to, count };
    }),
  };
}
