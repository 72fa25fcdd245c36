import { CORRELATION_KEY } from '@throughline/model/key';
import type { Run } from '@throughline/model/run';

/** How people call the run: `checkout 8123`; by its business key, else its correlation id, else its own id. */
export function runLabel(run: Pick<Run, 'id' | 'keys' | 'workflow'>): string {
  const same = run.keys.filter((key) => key.relation === 'same');
  const business = same.find((key) => key.type !== CORRELATION_KEY);
  return `${run.workflow} ${(business ?? same[0])?.value ?? run.id}`;
}
