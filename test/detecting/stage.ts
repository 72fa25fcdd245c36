import { policy as policyWith } from '@throughline/fixtures/build/policy';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import type { Finding } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { Detector } from '../../collector/src/detect/detector.js';
import type { RowPolicy } from './row.js';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import type { Stitcher } from '../../collector/src/stitch/stitch.js';
import { stepsOf, stitched } from '../stitching/telling.js';

/** Begins a run of that number: order 1 has the correlation id ord-1. */
export type Begin = (number: number) => Storyline;

export interface Stage {
  readonly policy: Policy;
  readonly stitcher: Stitcher;
  readonly runs: readonly Run[];
}

/** Plays a story through the front of the line; times are milliseconds from its start. */
export function staged(policy: RowPolicy, story: (begin: Begin) => void): Stage {
  const lines: Storyline[] = [];
  story((number) => {
    const options = { correlation: `ord-${number}`, system: 'rabbitmq' };
    const line = new Storyline({ seed: `run ${number}`, startNs: STORY_START_NS, ...options });
    lines.push(line);
    return line;
  });
  const whole = policyWith(policy);
  const spans = lines.flatMap((line) => line.spans);
  const stitcher = stitched(stepsOf(spans, whole.keys), whole.flows);
  return {
    policy: whole,
    stitcher,
    runs: [...stitcher.ids()].map((id) => stitcher.run(id) as Run),
  };
}

export function atMs(ms: number): UnixNs {
  return (STORY_START_NS + nsFromMs(ms)) as UnixNs;
}

export function feed(detector: Detector, runs: readonly Run[], now: UnixNs): void {
  for (const run of runs) detector.runChanged(run, contributionOf(run), now);
}

/** What is open when the whole story is judged once, at that time. */
export function judgedOnce({ policy, runs, stitcher }: Stage, ms: number): readonly Finding[] {
  const detector = new Detector(policy, new Map());
  feed(detector, runs, atMs(ms));
  detector.keysDemoted(stitcher.coarseKeys());
  detector.sweep(atMs(ms));
  return openOf(detector);
}

export function openOf(detector: Detector): readonly Finding[] {
  return detector
    .findings()
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
