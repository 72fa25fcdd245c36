import type { Correction } from '@throughline/model/correction';
import type { UnixNs } from '@throughline/model/time';
import type { Clock } from './clock.js';
import type { EngineRoom } from './engine-room.js';
import { Fault } from './errors.js';
import { LIMITS } from './limits.js';
import type { LearnDesk, SaidOfLearned } from './query/sources.js';
import type { FactStore } from './store/fact-store.js';

export interface LearnDeskDeps {
  readonly engines: EngineRoom;
  readonly store: FactStore;
  readonly clock: Clock;
  /** Called after something is said, durable, and judged. */
  readonly changed: () => void;
}

/** Lays what a person says over what runs taught, and keeps it: neither a restart nor stitching anew forgets it. */
export function learnDesk({ engines, store, clock, changed }: LearnDeskDeps): LearnDesk {
  return {
    corrections: (workflow) =>
      savedCorrections(store)
        .filter((one) => one.workflow === workflow)
        .sort((a, b) => (a.atNs === b.atNs ? 0 : a.atNs > b.atNs ? -1 : 1)),
    async say(said) {
      const before = savedCorrections(store).find((one) => keyOf(one) === keyOfSaid(said));
      const reaction = before?.reaction ?? reactionOf(said, engines);
      if (said.act.act === 'restore' && (before === undefined || isNothing(before))) {
        throw new Fault('NOT_FOUND', 'There is nothing to take back: nobody has corrected this');
      }
      if (before === undefined) await makeRoom(store);
      const correction = corrected(before, { ...said, reaction }, clock.now());
      await store.putRecord('correction', keyOf(correction), correction);
      const all = savedCorrections(store);
      for (const { detector } of engines.all) detector.corrected(all);
      engines.current.pipeline.sweep();
      changed();
    },
  };
}

/** What was said and holds now. */
export function savedCorrections(store: Pick<FactStore, 'records'>): Correction[] {
  return [...store.records('correction').values()] as Correction[];
}

type Said = Omit<SaidOfLearned, 'reaction'> & Pick<Correction, 'reaction'>;

function corrected(
  before: Correction | undefined,
  { workflow, reaction, act, actor, note }: Said,
  now: UnixNs,
): Correction {
  const frame = { workflow, reaction, actor, note, atNs: now };
  switch (act.act) {
    case 'reset':
      return { ...frame, forgottenBeforeNs: now, deadlineMs: null, isNotExpected: false };
    case 'restore':
      return { ...frame, forgottenBeforeNs: null, deadlineMs: null, isNotExpected: false };
    case 'correct':
      return {
        ...frame,
        forgottenBeforeNs: before?.forgottenBeforeNs ?? null,
        deadlineMs: act.deadlineMs,
        isNotExpected: act.deadlineMs === null,
      };
  }
}

function reactionOf(
  { workflow, reaction: id }: SaidOfLearned,
  engines: EngineRoom,
): Correction['reaction'] {
  if (id === null) return null;
  const found = engines.current.detector.reactions(workflow).find((one) => one.id === id);
  if (found === undefined) {
    throw new Fault('NOT_FOUND', `Nothing was learned in ${workflow} under the id ${id}`);
  }
  const { kind, after, destination, what, by } = found;
  return { id, kind, after, destination, what, by };
}

/** What was taken back is kept for the record only, and goes first. */
async function makeRoom(store: FactStore): Promise<void> {
  const all = savedCorrections(store);
  if (all.length < LIMITS.correctionsMax) return;
  const [oldest] = all.filter(isNothing).sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
  if (oldest === undefined) {
    throw new Fault('BAD_PARAMETER', `There are ${LIMITS.correctionsMax} corrections already`);
  }
  await store.deleteRecord('correction', keyOf(oldest));
}

function isNothing({ forgottenBeforeNs, deadlineMs, isNotExpected }: Correction): boolean {
  return forgottenBeforeNs === null && deadlineMs === null && !isNotExpected;
}

function keyOf({ workflow, reaction }: Correction): string {
  return keyOfSaid({ workflow, reaction: reaction?.id ?? null });
}

function keyOfSaid({ workflow, reaction }: Pick<SaidOfLearned, 'workflow' | 'reaction'>): string {
  return reaction === null ? `workflow:${workflow}` : `${reaction}:${workflow}`;
}
