import type { Run } from '@throughline/model/run';
import { Fault } from '../../errors.js';
import type { RunSummary } from '../../store/read-store.js';
import type { QuerySources } from '../sources.js';

/** @throws Fault NOT_FOUND when nobody ever was called so. */
export function findRun(id: string, sources: QuerySources): { run: Run; summary: RunSummary } {
  const run = sources.assemble(id);
  if (run === undefined) throw new Fault('NOT_FOUND', `There is no run ${id}`);
  return { run, summary: sources.summarize(run) };
}
