import { useQueryClient } from '@tanstack/react-query';
import type { RunDetail } from '@throughline/model/api/runs';
import { runQuery } from '../../api/queries.js';
import { useLiveView } from '../../live/use-live.js';

/** Keeps a run current. A run that comes in pages is read again as a whole instead of being cut to its first page. */
export function useRunUpdates(id: string): void {
  const client = useQueryClient();
  useLiveView('run', { id }, (body) => {
    const run = body as RunDetail | undefined;
    if (run?.steps === undefined) return;
    const { queryKey } = runQuery(id);
    if (run.stepsNext === null) client.setQueryData(queryKey, run);
    else void client.invalidateQueries({ queryKey });
  });
}
