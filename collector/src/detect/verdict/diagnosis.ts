import type { Evidence, NextStep, Verdict } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';
import type { ActElsewhere } from '../half-ledger.js';
import type { Pledge } from '../pledge.js';
import type { MessageGlimpse, Standstill } from '../standstill.js';

/** What other runs show about the place where a promise waits. */
export interface Surroundings {
  readonly now: UnixNs;
  /** Openings of the latest promise on the same edge that was kept: who came later and passed shows the way is open. */
  readonly lastPassedOpenedAtNs: UnixNs | null;
  readonly passedCount: number;
  /** How long nearly all of them took. Milliseconds; 0 when nobody passed. */
  readonly usualMs: number;
  /** Messages of this type that were sent there since the instant. */
  sentSince(message: MessageGlimpse, atNs: UnixNs): number;
  /** When the service last took any message of this type there; null when it never did. */
  lastTakenAtNs(message: MessageGlimpse, service: string | null): UnixNs | null;
  /** What the brokers count where the message lies. */
  brokerSays(message: MessageGlimpse): readonly Evidence[];
  /** Whoever takes this type there. */
  readersOf(message: MessageGlimpse): readonly string[];
  /** Whether the service takes this type there. */
  reads(message: MessageGlimpse, service: string): boolean;
  /** Whether the service was ever seen taking any message. */
  isReader(service: string): boolean;
  /** The promised act, done in another run that lacks its beginning; null when none shows. */
  actElsewhere(pledge: Pledge, still: Standstill): ActElsewhere | null;
}

/** Why a promise is overdue, with its proof. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** Tells standstills of one verdict apart that have different causes; runs alike in both share a finding. */
  readonly cause: string;
  /** What blocks, so that two promises behind the same obstacle count once. */
  readonly blockedBy: string;
  /** Nothing shows where it is blocked, only what is missing: another promise may know better. */
  readonly isUnplaced?: boolean;
  /** What a finding says; made for the one run that stands for all. */
  readonly words: () => Words;
}

export interface Words {
  /** The half sentence after "stopped 14 min ago after payment.captured;". */
  readonly clause: string;
  readonly evidence: readonly Evidence[];
  readonly next: readonly NextStep[];
}

/** Answers only where it has proof. */
export type Judge = (pledge: Pledge, still: Standstill, around: Surroundings) => Diagnosis | null;
