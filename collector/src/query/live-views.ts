import { unreachable } from '@throughline/model/invariant';
import type { LiveView } from '@throughline/model/socket-events';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import { findingList } from './routes/findings.js';
import { mapOf } from './routes/map.js';
import { runDetailOf, runList } from './routes/runs.js';
import type { QuerySources } from './sources.js';
import { countedDeadLetters } from './view/counted-dead-letters.js';
import { overview } from './view/overview.js';

/**
 * A live view as it is now, with the parameters of the HTTP route of the same name. Committed spans only: it
 * reads the same tables as the API.
 *
 * @throws Fault when a parameter is wrong or the run does not exist.
 */
export function readLiveView(
  sources: QuerySources,
  view: LiveView,
  params: Readonly<Record<string, string>>,
): unknown {
  switch (view) {
    case 'overview':
      return overview(sources);
    case 'map':
      return mapOf(params, sources);
    case 'runs':
      return runList(params, sources);
    case 'run': {
      const { id, ...rest } = params;
      if (id === undefined) throw new Fault('BAD_PARAMETER', 'id: says which run');
      return runDetailOf(id, rest, sources);
    }
    case 'findings':
      return findingList({ limit: String(LIMITS.pageItemsMax), ...params }, sources);
    case 'dead-letters':
      return { items: countedDeadLetters(sources, sources.clock.now()) };
    default:
      return unreachable(view);
  }
}
