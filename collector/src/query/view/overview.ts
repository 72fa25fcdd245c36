import type { OverviewSnapshot } from '@throughline/model/socket-events';
import { LIMITS } from '../../limits.js';
import { ANY_RUN } from '../run-filter.js';
import type { QuerySources } from '../sources.js';
import { findingList } from '../routes/findings.js';
import { statsView } from './stats-view.js';

/** What the first page shows: the accounting, runs by status, what is open. */
export function overview(sources: QuerySources): OverviewSnapshot {
  return {
    stats: statsView(sources),
    runsByStatus: Object.fromEntries(sources.tables.runs.facets(ANY_RUN).status),
    openFindings: findingList({ state: 'open', limit: LIMITS.pageItemsMax }, sources).items,
  };
}
