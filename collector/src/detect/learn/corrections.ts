import { createHash } from 'node:crypto';
import type { Correction } from '@throughline/model/correction';
import type { UnixNs } from '@throughline/model/time';

/** The same reaction has the same id in every process. @param key of its place. */
export function reactionId(key: string, reactor: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([key, reactor]))
    .digest('base64url');
  return `l_${digest.slice(0, 22)}`;
}

/** What people said of one workflow, and of its reactions, by their ids. */
interface Said {
  readonly whole: Correction | null;
  readonly byReaction: ReadonlyMap<string, Correction>;
}

/** What people said over what runs teach. */
export class Corrections {
  #byWorkflow: ReadonlyMap<string, Said> = new Map();

  /** Takes the place of all that was said before. @returns workflows of which something else is said now. */
  replace(all: readonly Correction[]): ReadonlySet<string> {
    const before = this.#byWorkflow;
    const byWorkflow = new Map<string, Said>();
    for (const workflow of new Set(all.map((one) => one.workflow))) {
      const own = all.filter((one) => one.workflow === workflow);
      const byReaction = new Map<string, Correction>();
      for (const one of own) if (one.reaction !== null) byReaction.set(one.reaction.id, one);
      byWorkflow.set(workflow, {
        whole: own.find((one) => one.reaction === null) ?? null,
        byReaction,
      });
    }
    this.#byWorkflow = byWorkflow;
    const named = new Set([...before.keys(), ...byWorkflow.keys()]);
    return new Set(
      [...named].filter((name) => textOf(before.get(name)) !== textOf(byWorkflow.get(name))),
    );
  }

  /** The instant from which on runs of the workflow teach. */
  sinceNs(workflow: string): UnixNs {
    return this.#byWorkflow.get(workflow)?.whole?.forgottenBeforeNs ?? (0n as UnixNs);
  }

  /** Whether taking back what was said could make the opening teach again, and promise. */
  concerns(workflow: string, openedAtNs: UnixNs): boolean {
    const said = this.#byWorkflow.get(workflow);
    if (said === undefined) return false;
    return [said.whole, ...said.byReaction.values()].some(
      (one) => one !== null && (one.isNotExpected || (one.forgottenBeforeNs ?? -1n) > openedAtNs),
    );
  }

  /** What was said of one reaction; null as a rule. */
  of(workflow: string, id: string): Correction | null {
    return this.#byWorkflow.get(workflow)?.byReaction.get(id) ?? null;
  }
}

function textOf(said: Said | undefined): string {
  if (said === undefined) return '';
  return JSON.stringify(
    [said.whole, [...said.byReaction.values()].sort(byId)],
    (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
}

function byId(a: Correction, b: Correction): number {
  return (a.reaction?.id ?? '') < (b.reaction?.id ?? '') ? -1 : 1;
}
