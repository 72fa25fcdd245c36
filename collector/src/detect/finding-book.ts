import type { Finding, Statement } from '@throughline/model/finding';
import type { FindingId, RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { Members } from './affected.js';
import { fromRecord, toRecord, type Held } from './finding-record.js';
import type { Judged } from './rules/judged.js';

export interface FindingChanges {
  readonly opened: readonly Finding[];
  readonly changed: readonly Finding[];
  readonly closed: readonly Finding[];
}

/** What an operator says with an act; kept as the finding's note. */
export interface OperatorNote {
  readonly by: string | null;
  readonly note: string | null;
}

/** Until the one or the other, whichever comes first; both null ends a snooze. */
export interface SnoozeNote extends OperatorNote {
  readonly untilNs: UnixNs | null;
  readonly untilRuns: number | null;
}

/** Closed findings that are remembered. Beyond: the one closed longest ago is forgotten. */
const CLOSED_MAX = 1_000;

/**
 * The life of findings over what the rules say.
 *
 * A finding is *open* from the first statement on, *acknowledged* once somebody looks after it, and *closed* when
 * the rule no longer says it or when a person closes it. Closed by the rule, it opens again when the rule says
 * it again; closed by a person, only when something newer joins. Snoozing leaves the state and only keeps quiet.
 */
export class FindingBook {
  readonly #held = new Map<FindingId, Held>();
  /** What is true now, by the subject that was judged. */
  readonly #idsOfSubject = new Map<string, ReadonlySet<FindingId>>();
  readonly #members = new Map<FindingId, Members>();
  readonly #unsaved = new Set<FindingId>();
  /** Saved as true by an earlier process and not yet said again. */
  readonly #unconfirmed = new Set<FindingId>();
  /** Closed by a rule, the one closed longest ago first. */
  readonly #closed = new Set<FindingId>();
  #changes = noChanges();

  constructor(saved: ReadonlyMap<string, unknown>) {
    for (const [id, record] of saved) {
      const held = fromRecord(record);
      if (held === undefined) continue;
      this.#held.set(id as FindingId, held);
      if (held.closedBy !== 'rule') this.#unconfirmed.add(id as FindingId);
    }
    const closed = [...this.#held.values()].filter(({ closedBy }) => closedBy === 'rule');
    for (const { finding } of closed.sort(byClosing)) this.#closed.add(finding.id);
  }

  /** Everything that the rules say of one subject, in place of what they said before. */
  judge(subject: string, judged: readonly Judged[], now: UnixNs): void {
    const before = this.#idsOfSubject.get(subject) ?? NO_IDS;
    if (before.size === 0 && judged.length === 0) return;
    const after = new Set(judged.map(({ statement }) => statement.id));
    for (const id of before) if (!after.has(id)) this.#end(id, now);
    for (const each of judged) this.#say(each);
    if (after.size === 0) this.#idsOfSubject.delete(subject);
    else this.#idsOfSubject.set(subject, after);
  }

  /** Ends what an earlier process held for true and this one, having read all facts, does not. */
  confirm(now: UnixNs): void {
    for (const id of this.#unconfirmed) this.#end(id, now);
    this.#unconfirmed.clear();
  }

  /** What changed since the last call. */
  takeChanges(): FindingChanges {
    const { opened, changed, closed } = this.#changes;
    this.#changes = noChanges();
    const byId = (findings: ReadonlyMap<FindingId, Finding>): Finding[] =>
      [...findings.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return { opened: byId(opened), changed: byId(changed), closed: byId(closed) };
  }

  /** Records that differ from what was saved; null where nothing is to be remembered any more. */
  takeUnsaved(): readonly { readonly id: FindingId; readonly value: unknown }[] {
    const records = [...this.#unsaved].map((id) => {
      const held = this.#held.get(id);
      return { id, value: held === undefined ? null : toRecord(held) };
    });
    this.#unsaved.clear();
    return records;
  }

  all(): readonly Finding[] {
    return [...this.#held.values()].map(({ finding }) => finding);
  }

  /** Open and acknowledged findings that affect the run, of the subjects that it has part in. */
  ofRun(id: RunId, subjects: Iterable<string>): readonly Finding[] {
    const found = new Map<FindingId, Finding>();
    for (const subject of subjects) {
      for (const each of this.#idsOfSubject.get(subject) ?? NO_IDS) {
        const held = this.#held.get(each);
        if (held?.closedBy !== null || this.#members.get(each)?.has(id) !== true) continue;
        found.set(each, held.finding);
      }
    }
    return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  acknowledge(id: string, note: OperatorNote): Finding | undefined {
    return this.#act(id, (held) =>
      held.closedBy === null
        ? { ...held, finding: { ...held.finding, state: 'acknowledged', note: noteText(note) } }
        : held,
    );
  }

  snooze(id: string, note: SnoozeNote): Finding | undefined {
    const { untilNs: snoozedUntilNs, untilRuns: snoozedUntilRuns } = note;
    return this.#act(id, (held) => ({
      ...held,
      finding: { ...held.finding, snoozedUntilNs, snoozedUntilRuns, note: noteText(note) },
    }));
  }

  close(id: string, note: OperatorNote, now: UnixNs): Finding | undefined {
    return this.#act(id, (held) =>
      held.closedBy === null
        ? {
            ...held,
            closedBy: 'person',
            finding: { ...held.finding, state: 'closed', closedAtNs: now, note: noteText(note) },
          }
        : held,
    );
  }

  #act(id: string, change: (held: Held) => Held): Finding | undefined {
    const held = this.#held.get(id as FindingId);
    if (held === undefined) return undefined;
    const next = change(held);
    if (next !== held) this.#put(next, next.finding.state === 'closed' ? 'closed' : 'changed');
    return next.finding;
  }

  #say({ statement, members, newestNs }: Judged): void {
    const { id } = statement;
    this.#unconfirmed.delete(id);
    this.#members.set(id, members);
    const held = this.#held.get(id);
    const memberCount = members.size;
    if (held === undefined || held.closedBy === 'rule') {
      this.#put({ finding: opened(statement), closedBy: null, newestNs, memberCount }, 'opened');
      return;
    }
    if (held.closedBy === 'person') {
      if (newestNs <= held.newestNs && memberCount <= held.memberCount) return;
      this.#put({ finding: opened(statement), closedBy: null, newestNs, memberCount }, 'opened');
      return;
    }
    const finding = withoutReached({ ...held.finding, ...statement });
    const isNews = !sayTheSame(held.finding, statement);
    if (finding.snoozedUntilRuns !== held.finding.snoozedUntilRuns) this.#unsaved.add(id);
    this.#held.set(id, { finding, closedBy: null, newestNs, memberCount });
    if (isNews) this.#changes.changed.set(id, finding);
  }

  #end(id: FindingId, now: UnixNs): void {
    this.#members.delete(id);
    const held = this.#held.get(id);
    if (held === undefined || held.closedBy === 'rule') return;
    const finding: Finding = {
      ...held.finding,
      state: 'closed',
      closedAtNs: held.finding.closedAtNs ?? now,
    };
    this.#put({ ...held, finding, closedBy: 'rule' }, held.closedBy === null ? 'closed' : null);
    this.#forgetOldest();
  }

  #put(held: Held, as: 'opened' | 'changed' | 'closed' | null): void {
    const { finding } = held;
    this.#held.set(finding.id, held);
    this.#unsaved.add(finding.id);
    if (held.closedBy === 'rule') this.#closed.add(finding.id);
    else this.#closed.delete(finding.id);
    if (as !== null) this.#changes[as].set(finding.id, finding);
  }

  #forgetOldest(): void {
    for (const id of this.#closed) {
      if (this.#closed.size <= CLOSED_MAX) return;
      this.#closed.delete(id);
      this.#held.delete(id);
      this.#unsaved.add(id);
    }
  }
}

const NO_IDS: ReadonlySet<FindingId> = new Set();

function byClosing({ finding: a }: Held, { finding: b }: Held): number {
  const [aNs, bNs] = [a.closedAtNs ?? 0n, b.closedAtNs ?? 0n];
  return aNs === bNs ? (a.id < b.id ? -1 : 1) : aNs < bNs ? -1 : 1;
}

function noChanges() {
  return {
    opened: new Map<FindingId, Finding>(),
    changed: new Map<FindingId, Finding>(),
    closed: new Map<FindingId, Finding>(),
  };
}

function opened(statement: Statement): Finding {
  return {
    ...statement,
    state: 'open',
    openedAtNs: statement.sinceNs,
    closedAtNs: null,
    snoozedUntilNs: null,
    snoozedUntilRuns: null,
    note: null,
  };
}

/** A snooze whose count is reached is over, also when fewer runs are affected later. */
function withoutReached(finding: Finding): Finding {
  const { runsAffected, snoozedUntilRuns } = finding;
  if (snoozedUntilRuns === null || runsAffected < snoozedUntilRuns) return finding;
  return { ...finding, snoozedUntilNs: null, snoozedUntilRuns: null };
}

function sayTheSame(a: Statement, b: Statement): boolean {
  return (
    a.sentence === b.sentence &&
    a.runsAffected === b.runsAffected &&
    a.severity === b.severity &&
    a.verdict === b.verdict
  );
}

function noteText({ by, note }: OperatorNote): string | null {
  if (by === null || by === '') return note;
  return note === null || note === '' ? by : `${by}: ${note}`;
}
