import type { ReactElement } from 'react';
import type { Stretch, TimeScale } from '../../graph/fold.js';
import { classNames } from '../../part/class-names.js';
import { Icon, StatusIcon } from '../../part/icon.js';
import { toneClass } from '../../part/status-mark.js';
import { formatDuration, plural } from '../../theme/format.js';
import { STATUS_TONE, STATUS_WORD, stepMark } from '../../theme/status.js';
import css from './timeline.module.css';
import type { TimedStep, TimelineRow } from './timeline-rows.js';

export const percent = (share: number) => `${String(Math.round(share * 1e5) / 1e3)}%`;

interface StepRowProps {
  readonly timed: TimedStep;
  readonly path: readonly Stretch[];
  readonly scale: TimeScale;
  readonly select: (id: string) => void;
}

export function StepRow({ timed, path, scale, select }: StepRowProps): ReactElement {
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
        {path.map((part) => (
          <span
            key={part.start}
            className={css['path']}
            style={{
              left: percent(scale.at(part.start)),
              width: percent(scale.at(part.end) - scale.at(part.start)),
            }}
          />
        ))}
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

export function LaneRow({ row, scale, toggle }: LaneRowProps): ReactElement {
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
