import type { RunDetail, StepView } from '@throughline/model/api/runs';
import type { FlowGhost } from '../../graph/flow.js';
import type { Stretch } from '../../graph/fold.js';
import { multimap } from '../../graph/graph.js';
import { preciseMs } from '../../theme/format.js';

/** A step on the time axis, in milliseconds since the epoch. */
export interface TimedStep extends Stretch {
  readonly step: StepView;
  /** When the message it takes was sent; equal to `start` where nothing was waited for. */
  readonly waitFrom: number;
  readonly depth: number;
}

export type TimelineRow =
  | { readonly kind: 'expected'; readonly ghost: FlowGhost }
  | { readonly kind: 'step'; readonly timed: TimedStep }
  | {
      readonly kind: 'lane';
      readonly service: string;
      readonly steps: readonly TimedStep[];
      readonly isOpen: boolean;
    };

const DEPTH_MAX = 6;

/** Steps with their stretches, parents before children, each level by time. */
export function timedSteps(run: RunDetail, shown: ReadonlySet<string>, nowMs: number): TimedStep[] {
  const byId = new Map(run.steps.map((step) => [step.id, step]));
  const depths = new Map<string, number>();
  const depthOf = (step: StepView): number => {
    let depth = 0;
    const passed = new Set([step.id]);
    for (let at = step.parentId; at !== null && depth < DEPTH_MAX && !passed.has(at);) {
      const known = depths.get(at);
      if (known !== undefined) return Math.min(DEPTH_MAX, depth + known + 1);
      passed.add(at);
      if (shown.has(at)) depth += 1;
      at = byId.get(at)?.parentId ?? null;
    }
    return depth;
  };
  return run.steps
    .filter(({ id }) => shown.has(id))
    .map((step) => {
      const start = preciseMs(step.startedAt);
      const end =
        step.status === 'pending' && run.status === 'active'
          ? Math.max(start, nowMs)
          : start + (step.durationMs ?? 0);
      return {
        step,
        start,
        end,
        waitFrom: start - Math.max(0, step.waitMs ?? 0),
        depth: depthOf(step),
      };
    })
    .sort((a, b) => a.start - b.start || b.end - a.end || (a.step.id < b.step.id ? -1 : 1));
}

/**
 * When anything happened. A step that has others inside, or is still open, counts by its ends only: else its long
 * wait would keep the axis from folding.
 */
export function busyMoments(steps: readonly TimedStep[]): Stretch[] {
  const parents = new Set(steps.map(({ step }) => step.parentId));
  return steps.flatMap(({ step, start, end }) =>
    step.status === 'pending' || parents.has(step.id)
      ? [
          { start, end: start },
          { start: end, end },
        ]
      : [{ start, end }],
  );
}

export function medianHopMs(steps: readonly TimedStep[]): number {
  const waits = steps
    .flatMap(({ step }) => (step.waitMs === null ? [] : [step.waitMs]))
    .sort((a, b) => a - b);
  return waits[Math.floor(waits.length / 2)] ?? 0;
}

export type RowOrder = 'time' | 'lane' | 'duration';

export function timelineRows(
  steps: readonly TimedStep[],
  order: RowOrder,
  open: (service: string) => boolean,
): TimelineRow[] {
  const rows = (list: readonly TimedStep[]) =>
    list.map((timed): TimelineRow => ({ kind: 'step', timed }));
  if (order === 'time') return rows(steps);
  if (order === 'duration')
    return rows([...steps].sort((a, b) => b.end - b.start - (a.end - a.start)));
  return [...multimap(steps, ({ step }) => step.service)].flatMap(([service, own]) => {
    const isOpen = open(service);
    const lane: TimelineRow = { kind: 'lane', service, steps: own, isOpen };
    return isOpen ? [lane, ...rows(own)] : [lane];
  });
}
