import type { RunId } from '@throughline/model/ids';
import { groupOf, hasMembers, ownerOf, type Group } from './group.js';
import { readRunId } from './run-id.js';
import { TraceState, type Home } from './trace-state.js';

/** The run of any id or alias. */
export function groupNamed(byRunId: ReadonlyMap<RunId, Home>, id: string): Group | undefined {
  const { plain, beganAtMs } = readRunId(id);
  const home = byRunId.get(plain);
  if (!home) return undefined;
  const epochs = home instanceof TraceState ? null : home.cluster.epochs;
  if (epochs && !(home instanceof TraceState)) {
    return beganAtMs === null ? epochs.firstWith(home) : epochs.beganAt(beganAtMs);
  }
  return groupNow(home);
}

/** Where the steps that an id once named are now: an alias of the run that holds them (S9). */
function groupNow(home: Home): Group | undefined {
  const owner = ownerOf(home);
  if (hasMembers(owner)) return owner;
  const trace = home instanceof TraceState ? home : home.lastTrace;
  const first = trace.firstEntry;
  const now = first?.homes[0];
  return first && now && groupOf(now, first);
}
