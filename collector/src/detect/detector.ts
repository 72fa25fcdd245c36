import type { Finding } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { RunPromise } from '@throughline/model/promise';
import type { Run } from '@throughline/model/run';
import type { Contribution } from '@throughline/model/traffic';
import type { UnixNs } from '@throughline/model/time';
import type { CoarseKey } from '@throughline/model/coarse-key';

export interface FindingChanges {
  readonly opened: readonly Finding[];
  readonly changed: readonly Finding[];
  readonly closed: readonly Finding[];
}

/**
 * Everything the rules know, fed run by run. Pure: no I/O, no clock, *now* is an argument. Feeding the same
 * runs in any order and sweeping at the same instant gives the same findings.
 */
export class Detector {
  constructor(_policy: Policy, _saved: ReadonlyMap<string, unknown>) {}

  runChanged(_run: Run, _contribution: Contribution, _now: UnixNs): void {}
  runGone(_id: RunId): void {}
  keysDemoted(_keys: readonly CoarseKey[]): void {}

  /** Judges what is due. Costs only what is due or has changed since the last sweep. */
  sweep(_now: UnixNs): FindingChanges {
    return { opened: [], changed: [], closed: [] };
  }

  promises(_id: RunId): readonly RunPromise[] {
    return [];
  }

  findings(): readonly Finding[] {
    return [];
  }

  /** Finding records that changed since the last call, to be kept under their id; they come back as `saved`. */
  toSave(): readonly { readonly id: string; readonly value: unknown }[] {
    return [];
  }

  findingsOfRun(_id: RunId): readonly Finding[] {
    return [];
  }
}
