import type { Step } from '@throughline/model/step';

/**
 * Of two reports of one span, the one that counts (S1): a finished one over a pending one, then the later end,
 * then, so that order never matters, the greater by a fixed comparison of content. The same content: the first.
 */
export function preferred(known: Step, arrived: Step): Step {
  if (known.isPending !== arrived.isPending) return known.isPending ? arrived : known;
  if (known.endedAtNs !== arrived.endedAtNs) {
    return arrived.endedAtNs > known.endedAtNs ? arrived : known;
  }
  return content(arrived) > content(known) ? arrived : known;
}

function content(step: Step): string {
  const attributes = [...step.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...step, attributes }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}
