import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { asProblem, type ApiProblem } from '../api/problem.js';
import type { GlyphName } from '../draw/glyphs.js';
import type { StatusMarkName } from '../theme/status.js';
import { STATUS_TONE } from '../theme/status.js';
import { Button } from './button.js';
import { classNames } from './class-names.js';
import { CopyButton } from './copy.js';
import { Icon, StatusIcon } from './icon.js';
import css from './states.module.css';
import { toneClass } from './status-mark.js';

const BONES = [38, 92, 74, 86, 58, 80, 66, 90];

/** Shown only after 200 ms, so that a quick answer never flickers. */
export function Skeleton({ rows = 6 }: { readonly rows?: number }): ReactElement {
  return (
    <div className={css['skeleton']} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div
          key={row}
          className={css['bone']}
          style={{ width: `${String(BONES[row % BONES.length])}%` }}
        />
      ))}
    </div>
  );
}

interface NoticeProps {
  readonly title: string;
  readonly icon?: GlyphName;
  readonly mark?: StatusMarkName;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** The notice is all there is: its title is then the heading of the page. */
  readonly isPage?: boolean;
}

/** A page or panel that has nothing to list says why, and what to do. */
export function Notice({
  title,
  icon = 'info',
  mark,
  children,
  actions,
  isPage = false,
}: NoticeProps): ReactElement {
  return (
    <div className={classNames(css['notice'], mark && toneClass(STATUS_TONE[mark]))}>
      <span className={css['noticeIcon']}>
        {mark ? <StatusIcon mark={mark} size={22} /> : <Icon name={icon} size={22} />}
      </span>
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
      {actions !== undefined && <div className={css['noticeActions']}>{actions}</div>}
    </div>
  );
}

interface FaultProps {
  readonly problem: ApiProblem;
  readonly retry?: (() => void) | undefined;
}

/** What failed, in the server's own words; what to do; and the request to name when asking for aid. */
export function Fault({ problem, retry }: FaultProps): ReactElement {
  return (
    <div role="alert">
      <Notice
        title={problem.message}
        mark={problem.isUnreachable ? 'unknown' : 'failed'}
        actions={retry && <Button onClick={retry}>Try again</Button>}
      >
        {problem.detail !== '' && <p>{problem.detail}</p>}
        {problem.remedy !== undefined && <p>{problem.remedy}</p>}
        {problem.requestId !== undefined && (
          <p>
            Request <code>{problem.requestId}</code>
            <CopyButton text={problem.requestId} what="request id" />
          </p>
        )}
      </Notice>
    </div>
  );
}

interface AnswerProps<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending' | 'refetch'>;
  readonly loading?: ReactNode;
  readonly children: (answer: T) => ReactNode;
}

/** Loading, failed or there. Data once shown stays on screen while a later request fails. */
export function Answer<T>({ query, loading, children }: AnswerProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error)
    return <Fault problem={asProblem(query.error)} retry={() => void query.refetch()} />;
  return loading ?? <Skeleton />;
}
