import type { PromiseView } from '@throughline/model/api/runs';
import type { ReactElement } from 'react';
import type { FlowGhost } from '../../graph/flow.js';
import type { TimeScale } from '../../graph/fold.js';
import { classNames } from '../../part/class-names.js';
import { StatusIcon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import { toneClass } from '../../part/status-mark.js';
import { Instant } from '../../part/time.js';
import { instantMs } from '../../theme/format.js';
import { STATUS_TONE, type StatusMarkName } from '../../theme/status.js';
import events from './events.module.css';
import css from './timeline.module.css';

function promiseMark({ state }: PromiseView): StatusMarkName {
  return state === 'overdue' ? 'stalled' : 'missing';
}

/** `expected · overdue since 14:03:12`: a step that is not there says why it is shown. */
function Standing({ promise }: { readonly promise: PromiseView }): ReactElement {
  return (
    <>
      expected · {promise.state === 'overdue' ? 'overdue since ' : 'due '}
      <Instant at={promise.dueAt} isPrecise />
    </>
  );
}

const percent = (share: number) => `${String(Math.round(share * 1e5) / 1e3)}%`;
/** A ghost that was promised last of all would have no width left on the axis. */
const WIDTH_LEAST = 0.06;

interface ExpectedLineProps {
  readonly ghost: FlowGhost;
  readonly scale: TimeScale;
  readonly select: (id: string) => void;
}

/** On the time axis: from the act that promised it to the end of the axis, open and dashed. */
export function ExpectedLine({ ghost, scale, select }: ExpectedLineProps): ReactElement {
  const { id, lane, promise } = ghost;
  const mark = promiseMark(promise);
  const left = Math.min(1 - WIDTH_LEAST, scale.at(instantMs(promise.openedAt)));
  const isWide = left < 0.5;
  return (
    <button
      type="button"
      className={classNames(css['line'], toneClass(STATUS_TONE[mark]))}
      onClick={() => select(id)}
    >
      <span className={css['name']} style={{ paddingLeft: 12 }}>
        <StatusIcon mark={mark} size={14} className={css['mark']} />
        <span className={css['step']}>{promise.what}</span>
        <span className={css['service']}>{lane}</span>
      </span>
      <span className={css['track']}>
        <span className={css['ghost']} style={{ left: percent(left), right: 0 }} />
        <span
          className={css['length']}
          data-place={isWide ? 'within-ghost' : 'before'}
          style={isWide ? { left: percent(left) } : { right: percent(1 - left) }}
        >
          <Standing promise={promise} />
        </span>
      </span>
    </button>
  );
}

interface ExpectedRowProps {
  readonly ghost: FlowGhost;
  readonly index: number;
  readonly isSelected: boolean;
  readonly select: (id: string) => void;
}

/** In the table of events: where the step would stand, had it come. */
export function ExpectedRow({ ghost, index, isSelected, select }: ExpectedRowProps): ReactElement {
  const { id, lane, promise } = ghost;
  const mark = promiseMark(promise);
  return (
    <tr
      aria-rowindex={index + 2}
      data-selected={isSelected || undefined}
      className={events['ghost']}
    >
      <td className={page['muted']}>not yet</td>
      <td className={page['muted']}>{lane}</td>
      <td className={page['name']}>
        <button type="button" className={events['open']} onClick={() => select(id)}>
          {promise.what}
        </button>
      </td>
      <td />
      <td colSpan={4} className={toneClass(STATUS_TONE[mark])}>
        <span className={events['expected']}>
          <StatusIcon mark={mark} size={15} /> <Standing promise={promise} />
        </span>
      </td>
    </tr>
  );
}
