import { useVirtualizer } from '@tanstack/react-virtual';
import { ticks } from 'd3';
import { useMemo, useRef, useState, type ReactElement } from 'react';
import { foldedScale, type Segment, type TimeScale } from '../../graph/fold.js';
import { flowGhosts, flowGraph } from '../../graph/flow.js';
import { Button } from '../../part/button.js';
import { classNames } from '../../part/class-names.js';
import { Icon, StatusIcon } from '../../part/icon.js';
import { Segments } from '../../part/segments.js';
import { toneClass } from '../../part/status-mark.js';
import { useSharedNow } from '../../part/time.js';
import { formatDuration, plural } from '../../theme/format.js';
import { STATUS_TONE, STATUS_WORD, stepMark } from '../../theme/status.js';
import { ExpectedLine } from './expected-step.js';
import type { RunViewProps } from './run-page.js';
import css from './timeline.module.css';
import {
  busyMoments,
  medianHopMs,
  timedSteps,
  timelineRows,
  type RowOrder,
  type TimedStep,
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
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => [
      ...timelineRows(steps, order, (service) => toggled.has(service) === isLarge),
      ...flowGhosts(run).map((ghost): TimelineRow => ({ kind: 'expected', ghost })),
    ],
    [run, steps, order, toggled, isLarge],
  );
  const folds = scale.segments.filter((segment) => segment.isFolded);
  const toggle = (service: string) => {
    const next = new Set(toggled);
    if (!next.delete(service)) next.add(service);
    setToggled(next);
  };
  return (
    <div className={css['timeline']}>
      <Tools
        search={search}
        change={change}
        order={order}
        foldAgain={unfolded.size > 0 ? () => setUnfolded(new Set()) : undefined}
      />
      <Axis
        scale={scale}
        folds={folds}
        unfold={(start) => setUnfolded(new Set([...unfolded, start]))}
      />
      <Rows
        rows={rows}
        scale={scale}
        selected={search.sel}
        select={(sel) => change({ sel })}
        toggle={toggle}
      />
    </div>
  );
}

interface ToolsProps extends Pick<RunViewProps, 'search' | 'change'> {
  readonly order: RowOrder;
  /** Undefined while nothing is unfolded. */
  readonly foldAgain: (() => void) | undefined;
}

function Tools({ search, change, order, foldAgain }: ToolsProps): ReactElement {
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
      </span>
    </div>
  );
}

interface AxisProps {
  readonly scale: TimeScale;
  readonly folds: TimeScale['segments'];
  readonly unfold: (start: number) => void;
}

const percent = (share: number) => `${String(Math.round(share * 1e5) / 1e3)}%`;

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
  readonly scale: TimeScale;
  readonly selected: string | undefined;
  readonly select: (id: string) => void;
  readonly toggle: (service: string) => void;
}

function Rows({ rows, scale, selected, select, toggle }: RowsProps): ReactElement {
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
              {row.kind === 'step' && <StepRow timed={row.timed} scale={scale} select={select} />}
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

interface StepRowProps {
  readonly timed: TimedStep;
  readonly scale: TimeScale;
  readonly select: (id: string) => void;
}

function StepRow({ timed, scale, select }: StepRowProps): ReactElement {
  const { step, start, end, waitFrom, depth } = timed;
  const mark = stepMark(step);
  const left = scale.at(start);
  const width = Math.max(0, scale.at(end) - left);
  const waitLeft = scale.at(waitFrom);
  const right = left + width;
  const place = right < 0.84 ? 'after' : left > 0.16 ? 'before' : 'inside';
  const labelStyle = {
    after: { left: percent(right) },
    before: { right: percent(1 - Math.min(left, waitLeft)) },
    inside: { left: percent(left) },
  }[place];
  return (
    <button
      type="button"
      className={classNames(css['line'], toneClass(STATUS_TONE[mark]))}
      onClick={() => select(step.id)}
    >
      <span className={css['name']} style={{ paddingLeft: 12 + depth * 14 }}>
        <StatusIcon mark={mark} size={14} className={css['mark']} />
        <span className="visually-hidden">{STATUS_WORD[mark]}</span>
        <span className={css['step']}>{step.name}</span>
        <span className={css['service']}>{step.service}</span>
      </span>
      <span className={css['track']}>
        {waitLeft < left && (
          <span
            className={css['wait']}
            style={{ left: percent(waitLeft), width: percent(left - waitLeft) }}
          />
        )}
        <span
          className={css['work']}
          data-status={step.status}
          style={{ left: percent(left), width: percent(width) }}
        />
        <span className={css['length']} data-place={place} style={labelStyle}>
          {step.status === 'pending' ? 'not finished' : formatDuration(end - start)}
          {step.attempt > 1 && ` · attempt ${String(step.attempt)}`}
        </span>
      </span>
    </button>
  );
}

interface LaneRowProps {
  readonly row: Extract<TimelineRow, { kind: 'lane' }>;
  readonly scale: TimeScale;
  readonly toggle: (service: string) => void;
}

function LaneRow({ row, scale, toggle }: LaneRowProps): ReactElement {
  const failed = row.steps.filter(({ step }) => step.status === 'error').length;
  const left = scale.at(Math.min(...row.steps.map(({ start }) => start)));
  const right = scale.at(Math.max(...row.steps.map(({ end }) => end)));
  return (
    <button
      type="button"
      className={css['line']}
      aria-expanded={row.isOpen}
      onClick={() => toggle(row.service)}
    >
      <span className={classNames(css['name'], css['laneName'])}>
        <Icon name={row.isOpen ? 'down' : 'chevron'} size={13} />
        <span className={css['step']}>{row.service}</span>
        <span className={css['service']}>
          {plural(row.steps.length, 'step')}
          {failed > 0 && ` · ✕ ${String(failed)} failed`}
        </span>
      </span>
      <span className={css['track']}>
        <span
          className={css['extent']}
          style={{ left: percent(left), width: percent(Math.max(0, right - left)) }}
        />
      </span>
    </button>
  );
}
