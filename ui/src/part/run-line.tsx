import { Link } from '@tanstack/react-router';
import type { RunItem } from '@throughline/model/api/runs';
import type { ReactElement } from 'react';
import { runMark, STATUS_WORD } from '../theme/status.js';
import { StatusIcon } from './icon.js';
import { classNames } from './class-names.js';
import css from './lines.module.css';
import { toneClass } from './status-mark.js';
import { STATUS_TONE } from '../theme/status.js';
import { Age } from './time.js';

/** The name people know a run by: its own key, else a part of its id. */
export function runName(run: Pick<RunItem, 'keys' | 'id'>): string {
  const own = run.keys.filter(({ relation }) => relation === 'same');
  const key = own.find(({ type }) => type !== 'correlation' && type !== 'trace') ?? own[0];
  return key === undefined ? run.id.slice(0, 10) : `${key.type} ${key.value}`;
}

export function RunLine({ run }: { readonly run: RunItem }): ReactElement {
  const mark = runMark(run);
  return (
    <Link to="/runs/$runId" params={{ runId: run.id }} className={css['run']}>
      <span
        className={classNames(css['runMark'], toneClass(STATUS_TONE[mark]))}
        title={STATUS_WORD[mark]}
      >
        <StatusIcon mark={mark} size={15} />
        <span className="visually-hidden">{STATUS_WORD[mark]}</span>
      </span>
      <span className={css['runName']}>{runName(run)}</span>
      <span className={css['runNote']}>{run.workflow}</span>
      <span className={css['runAge']}>
        <Age at={run.lastActivityAt} />
      </span>
    </Link>
  );
}
