import type {
  AlertHealthView,
  AlertPreviewView,
  AlertReceiverView,
  AlertView,
  SilenceView,
} from '@throughline/model/api/alerts';
import type { HoldView } from '@throughline/model/api/holds';
import type { RebuildView, ReloadView } from '@throughline/model/api/config';
import type { BrokerReading } from '@throughline/model/broker';
import type { AlertMatch } from '@throughline/model/alert';
import type { Correction } from '@throughline/model/correction';
import type { Finding, Rule } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { RunPromise } from '@throughline/model/promise';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { Place } from '@throughline/model/traffic';
import type { Clock } from '../clock.js';
import type { KeyTerm, RunSummary, RunTable, TrafficTable } from '../store/read-store.js';

/** Everything that the read API and the live views read. `server.ts` fills it; nothing here writes spans. */
export interface QuerySources {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly version: string;
  readonly tables: { readonly runs: RunTable; readonly traffic: TrafficTable };
  readonly findings: FindingReader;
  /** What an operator may do to a finding; durable when the promise settles. */
  readonly findingDesk: FindingDesk;
  readonly learnDesk: LearnDesk;
  readonly alertDesk: AlertDesk;
  readonly reloadDesk: ReloadDesk;
  readonly holdDesk: HoldDesk;
  /** Assembles the run of an id or alias; undefined when nobody ever was called so. */
  assemble(idOrAlias: string): Run | undefined;
  /** What lists show of a run, from the run itself: the tables may be a moment behind. */
  summarize(run: Run): RunSummary;
  /** One sentence that explains the run as it stands. */
  explain(run: Run): string;
  /** OTLP/JSON of exactly the spans of the run, read from the facts as received. */
  exportOtlp(run: Run): object;
  tally(): TallyReading;
  /** What became of the bodies to pass on; null when nothing is passed on. */
  forwarded(): Forwarded | null;
  /** What the brokers that are asked said last. */
  brokers(): readonly BrokerReading[];
}

/** What retention must leave alone. */
export interface HoldDesk {
  holds(): readonly HoldView[];
  /** Durable when the promise settles. @throws Fault NOT_FOUND, BAD_PARAMETER */
  hold(wanted: WantedHold): Promise<HoldView>;
  /** @returns whether there was one with this id. */
  lift(id: string): Promise<boolean>;
}

/** Either a key or a run is not null. */
export interface WantedHold {
  readonly key: KeyTerm | null;
  readonly runId: string | null;
  readonly note: string | null;
}

/** The configuration, read anew while the collector runs. */
export interface ReloadDesk {
  /** @param isForced stitches everything anew though nothing changed. @throws Fault; nothing changes then. */
  reload(isForced: boolean): ReloadView;
  /** The rebuild that goes on, or the last one. */
  state(): RebuildView;
}

/** In bodies, since start. */
export interface Forwarded {
  readonly sent: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  readonly waiting: number;
  readonly waitingBytes: number;
}

export interface FindingReader {
  findings(): readonly Finding[];
  findingsOfRun(id: RunId): readonly Finding[];
  promises(run: Run): readonly RunPromise[];
  /** The ones of them that are open or overdue, in no order. */
  openPromises(id: RunId): readonly RunPromise[];
  deadLetters(): readonly DeadLetterPlace[];
  /** Every reaction that runs of the workflow showed, as of the last sweep. */
  reactions(workflow: string): readonly LearnedReaction[];
}

/** What follows what in a workflow, as its runs show it. */
export interface LearnedReaction {
  readonly id: string;
  readonly kind: 'take' | 'event';
  readonly after: string;
  readonly destination: string;
  readonly what: string;
  readonly by: string | null;
  readonly state: 'learning' | 'learned' | 'uncertain' | 'not-expected';
  readonly share: number;
  readonly shareOfAll: number;
  readonly condition: LearnedCondition | null;
  /** The same for people: `country = DE`. */
  readonly conditionText: string | null;
  readonly correction: Correction | null;
  readonly samples: number;
  readonly runs: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly deadlineMs: number;
}

/** Where a reaction is certain: for these values of the attribute, or for all others. */
export interface LearnedCondition {
  readonly attribute: string;
  readonly values: readonly string[];
  readonly isExcluding: boolean;
}

/** What people say over what was learned. */
export interface LearnDesk {
  /** The latest first. */
  corrections(workflow: string): readonly Correction[];
  /** Durable and judged when the promise settles. @throws Fault NOT_FOUND, BAD_PARAMETER */
  say(said: SaidOfLearned): Promise<void>;
}

export interface SaidOfLearned {
  readonly workflow: string;
  /** Id of the reaction; null: of the workflow as a whole. */
  readonly reaction: string | null;
  readonly act:
    | { readonly act: 'reset' }
    | { readonly act: 'restore' }
    /** `deadlineMs` null: it is not to be expected. */
    | { readonly act: 'correct'; readonly deadlineMs: number | null };
  readonly actor: string;
  readonly note: string | null;
}

/** What lies aside in one place, oldest first. */
export interface DeadLetterPlace {
  readonly place: Place;
  readonly letters: readonly DeadLetter[];
}

export interface DeadLetter {
  readonly runId: RunId;
  readonly reason: string;
  readonly messageType: string | null;
  /** Who put it aside, and in which version. */
  readonly service: string | null;
  readonly version: string | null;
  /** Where it was before. */
  readonly source: string | null;
  readonly atNs: UnixNs;
  /** How often it had been put aside before, and came back. */
  readonly cameBack: number;
}

export type FindingAct =
  | { readonly act: 'acknowledge'; readonly note: string | null }
  | {
      readonly act: 'snooze';
      /** One of the two is not null. */
      readonly untilNs: UnixNs | null;
      readonly untilRuns: number | null;
      readonly note: string | null;
    }
  | { readonly act: 'close'; readonly note: string | null };

export interface FindingDesk {
  /** @returns the finding as it is afterwards; undefined when there is none with this id. */
  act(id: string, act: FindingAct): Promise<Finding | undefined>;
}

/** Who was told what, and what operators do about being told. */
export interface AlertDesk {
  /** The youngest first, resolved ones included. */
  alerts(): readonly AlertView[];
  receivers(): readonly AlertReceiverView[];
  /** Whether telling works, and whether there is anything to tell of. */
  health(): AlertHealthView;
  /** What a route would have told. */
  preview(wanted: WantedPreview): AlertPreviewView;
  /** Sends a notice that says it is a test. @throws Fault when it is not taken. */
  test(receiver: string): Promise<void>;
  silences(): readonly SilenceView[];
  /** Durable when the promise settles. */
  silence(wanted: WantedSilence): Promise<SilenceView>;
  /** @returns whether there was one with this id. */
  endSilence(id: string): Promise<boolean>;
}

export interface WantedPreview {
  readonly match: AlertMatch;
  readonly forMs: number;
  readonly repeatMs: number;
  /** How far back, from now. */
  readonly windowMs: number;
}

export interface WantedSilence {
  readonly match: AlertMatch;
  readonly endsAtNs: UnixNs;
  readonly note: string | null;
}

/** The accounting in spans: `received = stored + duplicate + Σ rejected + Σ dropped`. */
export interface Tally {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  readonly ignoredLogRecords: number;
}

export interface TallyReading {
  readonly sinceStart: Tally;
  readonly total: Tally;
  readonly startedAtNs: UnixNs;
  readonly lastReceivedAtNs: UnixNs | null;
  readonly spansPerSecond: number;
  /** Spans that services dropped before they were sent, by service. */
  readonly droppedBySenders: ReadonlyMap<string, number>;
}

/** An open finding is one that nobody closed; acknowledged ones still hold. */
export function isOpen(finding: Finding): boolean {
  return finding.state !== 'closed';
}

export function openRules(findings: readonly Finding[]): Rule[] {
  return [...new Set(findings.filter(isOpen).map(({ rule }) => rule))];
}
