import { useVirtualizer } from '@tanstack/react-virtual';
import { ticks } from 'd3';
import { useMemo, useRef, useState, type ReactElement } from 'react';
import { foldedScale, type Segment, type Stretch, type TimeScale } from '../../graph/fold.js';
import { flowGhosts, flowGraph } from '../../graph/flow.js';
import { Button } from '../../part/button.js';
import { Segments } from '../../part/segments.js';
import { useSharedNow } from '../../part/time.js';
import { formatDuration } from '../../theme/format.js';
import { ExpectedLine } from './expected-step.js';
import { pathStretches } from './path-stretches.js';
import type { RunViewProps } from './run-page.js';
import { LaneRow, percent, StepRow } from './timeline-row.js';
import css from './timeline.module.css';
import {
  busyMoments,
  medianHopMs,
  timedSteps,
  timelineRows,
  type RowOrder,
  type TimelineRow,
} from './timeline-rows.js';

const ROW_HEIGHT = 32;
/** Runs of more steps than this begin with one row per service. */
const COLLAPSED_FROM = 400;

export function TimelineView({ run, search, change }: RunViewProps): ReactElement {
  const nowMs = useSharedNow();
  const isActive = run.status === 'active' && run.steps.some(({ status }) => status === 'pending');
  const clockMs = isActive ? nowMs : 0;
  const shown = useMemo(
    () =>
      new Set(
        search.inner === 'shown'
          ? run.steps.map(({ id }) => id)
          : flowGraph(run, false).nodes.map(({ id }) => id),
      ),
    [run, search.inner],
  );
  const steps = useMemo(() => timedSteps(run, shown, clockMs), [run, shown, clockMs]);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const isFolding = search.gaps !== 'kept';
  const scale = useMemo(
    () => foldedScale(busyMoments(steps), { medianHopMs: medianHopMs(steps), isFolding, unfolded }),
    [steps, isFolding, unfolded],
  );
  const isLarge = steps.length > COLLAPSED_FROM;
  const order = search.order ?? (isLarge ? 'lane' : 'time');
  const { toggled, toggle } = useToggled();
  const rows = useMemo(
    () => [
      ...timelineRows(steps, order, (service) => toggled.has(service) === isLarge),
      ...flowGhosts(run).map((ghost): TimelineRow => ({ kind: 'expected', ghost })),
    ],
    [run, steps, order, toggled, isLarge],
  );
  const path = useMemo(() => pathStretches(run, shown), [run, shown]);
  const folds = scale.segments.filter((segment) => segment.isFolded);
  return (
    <div className={css['timeline']}>
      <Tools
        search={search}
        change={change}
        order={order}
        pathMs={run.criticalPath.totalMs}
        foldAgain={unfolded.size > 0 ? () => setUnfolded(new Set()) : undefined}
      />
      <Axis
        scale={scale}
        folds={folds}
        unfold={(start) => setUnfolded(new Set([...unfolded, start]))}
      />
      <Rows
        rows={rows}
        path={path}
        scale={scale}
        selected={search.sel}
        select={(sel) => change({ sel })}
        toggle={toggle}
      />
    </div>
  );
}

/** Services whose lanes are not as the size of the run would have them. */
function useToggled() {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const toggle = (service: string) => {
    const next = new Set(toggled);
    if (!next.delete(service)) next.add(service);
    setToggled(next);
  };
  return { toggled, toggle };
}

interface ToolsProps extends Pick<RunViewProps, 'search' | 'change'> {
  readonly order: RowOrder;
  readonly pathMs: number;
  /** Undefined while nothing is unfolded. */
  readonly foldAgain: (() => void) | undefined;
}

function Tools({ search, change, order, pathMs, foldAgain }: ToolsProps): ReactElement {
  return (
    <div className={css['tools']}>
      <Segments
        label="Order"
        value={order}
        options={[
          { value: 'time', label: 'By time' },
          { value: 'lane', label: 'By service' },
          { value: 'duration', label: 'By duration' },
        ]}
        onChange={(next) => change({ order: next === 'time' ? undefined : next })}
      />
      <label className={css['check']}>
        <input
          type="checkbox"
          checked={search.gaps !== 'kept'}
          onChange={(event) => change({ gaps: event.target.checked ? undefined : 'kept' })}
        />
        Fold idle gaps
      </label>
      {foldAgain !== undefined && (
        <Button isSmall kind="quiet" onClick={foldAgain}>
          Fold again
        </Button>
      )}
      <span className={css['hint']}>
        <span className={css['keyWait']} /> waited <span className={css['keyWork']} /> worked
        {pathMs > 0 && (
          <span
            className={css['pathKey']}
            title="What the run took its time for: to shorten any part of it would have ended the run earlier."
          >
            <span className={css['keyPath']} /> critical path, {formatDuration(pathMs)}
          </span>
        )}
      </span>
    </div>
  );
}

interface AxisProps {
  readonly scale: TimeScale;
  readonly folds: TimeScale['segments'];
  readonly unfold: (start: number) => void;
}

const TICK_SHARE = 0.14;

/** The start of a stretch, and as many round times within it as it has room for. */
function ticksOf({ start, end, from, to }: Segment): number[] {
  const count = Math.floor((to - from) / TICK_SHARE);
  if (count < 2) return [start];
  const room = ((end - start) * TICK_SHARE * 0.8) / (to - from);
  const inner = ticks(0, end - start, count).map((offset) => start + offset);
  return [start, ...inner.filter((at) => at - start > room && end - at > room / 2)];
}

function Axis({ scale, folds, unfold }: AxisProps): ReactElement {
  const first = scale.segments[0]?.start ?? 0;
  const marks = scale.segments.filter(({ isFolded }) => !isFolded).flatMap(ticksOf);
  return (
    <div className={css['axis']}>
      <span />
      <div className={css['axisLine']}>
        {marks.map((at) => (
          <span key={at} className={css['tick']} style={{ left: percent(scale.at(at)) }}>
            +{formatDuration(at - first)}
          </span>
        ))}
        {folds.map(({ start, end, from, to }) => (
          <button
            key={start}
            type="button"
            className={css['fold']}
            style={{ left: percent(from), width: percent(to - from) }}
            aria-label={`Unfold an idle gap of ${formatDuration(end - start)}`}
            title={`Nothing happened for ${formatDuration(end - start)}. Click to unfold.`}
            onClick={() => unfold(start)}
          >
            {'//'}
          </button>
        ))}
      </div>
    </div>
  );
}

interface RowsProps {
  readonly rows: readonly TimelineRow[];
  readonly path: ReadonlyMap<string, readonly Stretch[]>;
  readonly scale: TimeScale;
  readonly selected: string | undefined;
  readonly select: (id: string) => void;
  readonly toggle: (service: string) => void;
}

function Rows({ rows, path, scale, selected, select, toggle }: RowsProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  return (
    <div
      ref={box}
      className={css['rows']}
      tabIndex={0}
      role="group"
      aria-label="Steps on the time axis"
    >
      <div className={css['space']} style={{ height: virtual.getTotalSize() }}>
        {scale.segments
          .filter(({ isFolded }) => isFolded)
          .map(({ start, from, to }) => (
            <span
              key={start}
              className={css['foldBand']}
              style={{ '--from': from, '--share': to - from } as object}
            />
          ))}
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <div
              key={index}
              className={css['row']}
              style={{ transform: `translateY(${String(start)}px)` }}
              data-selected={(selected !== undefined && idOf(row) === selected) || undefined}
            >
              {row.kind === 'step' && (
                <StepRow
                  timed={row.timed}
                  path={path.get(row.timed.step.id) ?? []}
                  scale={scale}
                  select={select}
                />
              )}
              {row.kind === 'lane' && <LaneRow row={row} scale={scale} toggle={toggle} />}
              {row.kind === 'expected' && (
                <ExpectedLine ghost={row.ghost} scale={scale} select={select} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What a row selects; a lane selects nothing. */
function idOf(row: TimelineRow): string | undefined {
  if (row.kind === 'step') return row.timed.step.id;
  return row.kind === 'expected' ? row.ghost.id : undefined;
}
