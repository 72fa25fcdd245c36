import type { Edge, Run, RunStep } from '@throughline/model/run';

const ARROWS: Record<Edge['kind'], string> = {
  message: '==>',
  call: '-->',
  follows: '-->',
  compensates: '-.->',
};

/** The run as a Mermaid flowchart: a box per service, an arrow per edge, thick ones for messages. */
export function mermaidOf(run: Run): string {
  const nodeIds = new Map(run.steps.map(({ step }, index) => [step.id, `s${index}`]));
  const lines = ['flowchart LR'];
  for (const [index, service] of run.services.entries()) {
    const steps = run.steps.filter(({ step }) => step.service === service);
    if (steps.length === 0) continue;
    lines.push(`  subgraph g${index}["${label(service)}"]`);
    for (const placed of steps) lines.push(`    ${nodeLine(placed, nodeIds)}`);
    lines.push('  end');
  }
  const types = messageTypes(run);
  for (const edge of run.edges) {
    const text = edge.kind === 'message' ? types.get(`${edge.from} ${edge.to}`) : undefined;
    const arrow = `${ARROWS[edge.kind]}${text === undefined ? '' : `|"${label(text)}"|`}`;
    lines.push(`  ${nodeIds.get(edge.from) ?? ''} ${arrow} ${nodeIds.get(edge.to) ?? ''}`);
  }
  lines.push('  classDef error stroke:#be0d32,stroke-width:2px;');
  lines.push('  classDef pending stroke-dasharray:4 3;');
  return `${lines.join('\n')}\n`;
}

function nodeLine({ step }: RunStep, nodeIds: ReadonlyMap<string, string>): string {
  const style = step.status === 'ok' ? '' : `:::${step.status}`;
  return `${nodeIds.get(step.id) ?? ''}["${label(step.name)}"]${style}`;
}

function messageTypes(run: Run): Map<string, string> {
  return new Map(
    run.messages.flatMap(({ sentBy, takenBy, type, destination }) =>
      takenBy.map((taker) => [`${sentBy ?? ''} ${taker}`, type ?? destination] as const),
    ),
  );
}

/** Names are hostile input: everything that Mermaid or HTML would read becomes an entity code. */
function label(text: string): string {
  return text.replace(/[^\p{L}\p{N} ._:/@-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`);
}
