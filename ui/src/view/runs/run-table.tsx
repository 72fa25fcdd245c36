import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { Link, useNavigate } from '@tanstack/react-router';
import type { RunItem } from '@throughline/model/api/runs';
import {
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
  type ReactElement,
} from 'react';
import { Icon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import { runName } from '../../part/run-line.js';
import { StatusMark } from '../../part/status-mark.js';
import { Age, Instant, useSharedNow } from '../../part/time.js';
import { isForShortcuts } from '../../shell/shortcuts.js';
import {
  formatAge,
  formatCount,
  formatDuration,
  instantMs,
  preciseMs,
} from '../../theme/format.js';
import { ruleMark, ruleTitle, runMark, STATUS_WORD } from '../../theme/status.js';
import type { RunSort, RunsParams } from '../../url/params.js';
import css from './runs.module.css';

const ROW = { comfortable: 44, dense: 32 };

interface RunTableProps {
  readonly rows: readonly RunItem[];
  readonly search: RunsParams;
  readonly isDense: boolean;
  readonly more: () => void;
  readonly sortBy: (sort: RunSort) => void;
}

export function RunTable({ rows, search, isDense, more, sortBy }: RunTableProps): ReactElement {
  const table = useRef<HTMLTableElement>(null);
  const [offset, setOffset] = useState(0);
  const [cursor, setCursor] = useState(-1);
  useLayoutEffect(() => setOffset(table.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (isDense ? ROW.dense : ROW.comfortable),
    overscan: 12,
    scrollMargin: offset,
  });
  useEffect(() => virtual.measure(), [isDense, virtual]);
  const shown = virtual.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= rows.length - 20) more();
  }, [lastShown, rows.length, more]);
  useListKeys(rows, cursor, (next) => {
    setCursor(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  });
  const above = (shown[0]?.start ?? offset) - offset;
  const below = virtual.getTotalSize() - ((shown.at(-1)?.end ?? offset) - offset);
  return (
    <div className={css['tableWrap']}>
      <table
        ref={table}
        className={page['table']}
        data-dense={isDense || undefined}
        aria-rowcount={rows.length + 1}
      >
        <Heads search={search} sortBy={sortBy} />
        <tbody>
          {above > 0 && <tr aria-hidden="true" style={{ height: above }} />}
          {shown.map(({ index }) => {
            const run = rows[index];
            return run && <Row key={run.id} run={run} index={index} isAt={index === cursor} />;
          })}
          {below > 0 && <tr aria-hidden="true" style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  );
}

function Heads({ search, sortBy }: Pick<RunTableProps, 'search' | 'sortBy'>): ReactElement {
  return (
    <thead>
      <tr>
        <th scope="col">Status</th>
        <th scope="col">Run</th>
        <th scope="col">Workflow</th>
        <th scope="col" className={css['wide']}>
          Pattern
        </th>
        <SortHead title="Started" field="startedAt" search={search} sortBy={sortBy} />
        <SortHead title="Duration" field="duration" search={search} sortBy={sortBy} />
        <SortHead title="Last activity" field="lastActivityAt" search={search} sortBy={sortBy} />
        <th scope="col" className={page['right']}>
          Steps
        </th>
        <th scope="col" className={css['waits']}>
          Waits for
        </th>
      </tr>
    </thead>
  );
}

/** j and k walk, Enter opens. */
function useListKeys(rows: readonly RunItem[], cursor: number, walk: (next: number) => void): void {
  const navigate = useNavigate();
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (!isForShortcuts(event)) return;
    if (event.key === 'j' || event.key === 'k') {
      walk(Math.min(rows.length - 1, Math.max(0, cursor + (event.key === 'j' ? 1 : -1))));
      event.preventDefault();
    } else if (event.key === 'Enter' && document.activeElement === document.body) {
      const run = rows[cursor];
      if (run) void navigate({ to: '/runs/$runId', params: { runId: run.id } });
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => pressed(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

interface SortHeadProps {
  readonly title: string;
  readonly field: 'startedAt' | 'lastActivityAt' | 'duration';
  readonly search: RunsParams;
  readonly sortBy: (sort: RunSort) => void;
}

function SortHead({ title, field, search, sortBy }: SortHeadProps): ReactElement {
  const sort = search.sort ?? '-startedAt';
  const state = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;
  return (
    <th scope="col" aria-sort={state}>
      <button
        type="button"
        className={css['sort']}
        onClick={() => sortBy(state === 'descending' ? field : `-${field}`)}
      >
        {title}
        {state !== undefined && <Icon name={state === 'ascending' ? 'up' : 'down'} size={12} />}
      </button>
    </th>
  );
}

interface RowProps {
  readonly run: RunItem;
  readonly index: number;
  readonly isAt: boolean;
}

function Row({ run, index, isAt }: RowProps): ReactElement {
  const nowMs = useSharedNow();
  const mark = runMark(run);
  const word =
    mark === 'stalled'
      ? `Stalled ${formatAge(nowMs - instantMs(run.stalledSince ?? run.lastActivityAt))}`
      : STATUS_WORD[mark];
  const isOpen = run.status === 'active';
  const lengthMs =
    (isOpen ? nowMs : preciseMs(run.endedAt ?? run.lastActivityAt)) - preciseMs(run.startedAt);
  const [finding] = run.findings;
  return (
    <tr aria-rowindex={index + 2} data-at={isAt || undefined}>
      <td>
        <StatusMark mark={mark} word={word} />
      </td>
      <td className={page['name']}>
        <Link
          to="/runs/$runId"
          params={{ runId: run.id }}
          className={css['runName']}
          title={run.keys.map(({ type, value }) => `${type} ${value}`).join(', ')}
        >
          {runName(run)}
        </Link>
      </td>
      <td className={page['muted']}>{run.workflow}</td>
      <td className={`${page['muted'] ?? ''} ${css['wide'] ?? ''}`}>{run.pattern ?? '–'}</td>
      <td>
        <Instant at={run.startedAt} />
      </td>
      <td className="number">
        {isOpen && <span className={page['dim']}>open </span>}
        {formatDuration(lengthMs)}
      </td>
      <td className={page['muted']}>
        <Age at={run.lastActivityAt} /> ago
      </td>
      <td className={page['right']}>
        {formatCount(run.stepCount)}
        {run.errorCount > 0 && (
          <span className={css['errors']}> ✕{formatCount(run.errorCount)}</span>
        )}
      </td>
      <td
        className={css['waits']}
        title={run.waitingOn ?? (finding === undefined ? undefined : ruleTitle(finding.rule))}
      >
        {run.waitingOn ??
          (finding === undefined ? (
            ''
          ) : (
            <Link to="/findings/$findingId" params={{ findingId: finding.id }}>
              <StatusMark mark={ruleMark(finding.rule)} word={ruleTitle(finding.rule)} />
            </Link>
          ))}
      </td>
    </tr>
  );
}
