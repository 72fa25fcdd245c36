import type { RunDetail, StepView } from '@throughline/model/api/runs';

/** Answers "why is this step in this run?" from the step's provenance. */
export function whyText({ why, traceId }: StepView, run: Pick<RunDetail, 'steps'>): string {
  const other = run.steps.find(({ id }) => id === why.of);
  const name =
    other === undefined ? 'another step of this run' : `“${other.name}” of ${other.service}`;
  switch (why.by) {
    case 'key':
      return why.key === undefined
        ? 'It carries a key of this run.'
        : `It carries the key ${why.key.type} ${why.key.value}.`;
    case 'link':
      return `It links to the message that ${name} sent.`;
    case 'message-id':
      return `It took the message with the same id that ${name} sent.`;
    case 'parent':
      return `It happened inside ${name}.`;
    case 'trace':
      return `Its trace ${traceId.slice(0, 8)}… belongs wholly to this run.`;
  }
}
