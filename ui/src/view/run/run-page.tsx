import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { RunDetail } from '@throughline/model/api/runs';
import { lazy, Suspense, useEffect, useMemo, type ReactElement } from 'react';
import { asProblem } from '../../api/problem.js';
import { runQuery } from '../../api/queries.js';
import { useRunUpdates } from './run-updates.js';
import { flowGraph } from '../../graph/flow.js';
import { Button } from '../../part/button.js';
import { usePageTitle } from '../../part/page-title.js';
import { runName } from '../../part/run-line.js';
import { Segments } from '../../part/segments.js';
import { SidePanel } from '../../part/side-panel.js';
import { Answer, Notice, Skeleton } from '../../part/states.js';
import { runMark, STATUS_WORD } from '../../theme/status.js';
import type { RunParams } from '../../url/params.js';
import { FlowView } from './flow-view.js';
import { StepPanel } from './inspector.js';
import { RunHeader } from './run-header.js';
import css from './run.module.css';

const TimelineView = lazy(async () => ({
  default: (await import('./timeline-view.js')).TimelineView,
}));
const EventsView = lazy(async () => ({ default: (await import('./events-view.js')).EventsView }));
const route = getRouteApi('/runs/$runId');

export function RunPage(): ReactElement {
  const { runId } = route.useParams();
  const query = useQuery(runQuery(runId));
  useRunUpdates(runId);
  const navigate = useNavigate();
  const run = query.data;
  usePageTitle(run && STATUS_WORD[runMark(run)], run ? runName(run) : 'Run');
  const current = run?.id;
  useEffect(() => {
    if (current === undefined || current === runId) return;
    // The address was an older name of the run; its permalink goes on working, and the address tells the name of today.
    void navigate({
      to: '/runs/$runId',
      params: { runId: current },
      search: (old) => old,
      replace: true,
    });
  }, [current, runId, navigate]);
  if (query.data === undefined && query.error && asProblem(query.error).isNotFound) {
    return (
      <Notice
        title="This run is not known"
        isPage
        icon="search"
        actions={<Button onClick={() => void navigate({ to: '/runs' })}>All runs</Button>}
      >
        <p>It may be older than what is kept, or it has not arrived yet.</p>
      </Notice>
    );
  }
  return (
    <div className={css['page']}>
      <Answer
        query={query}
        loading={
          <div className={css['loading']}>
            <Skeleton rows={8} />
          </div>
        }
      >
        {(shown) => <RunBody run={shown} />}
      </Answer>
    </div>
  );
}

export interface RunViewProps {
  readonly run: RunDetail;
  readonly search: RunParams;
  readonly change: (next: RunParams) => void;
}

function RunBody({ run }: { readonly run: RunDetail }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change: RunViewProps['change'] = (next) =>
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const view = search.view ?? 'flow';
  const isInnerShown = search.inner === 'shown';
  const graph = useMemo(() => flowGraph(run, isInnerShown), [run, isInnerShown]);
  const selected = search.sel;
  const isKnown =
    selected !== undefined &&
    (run.steps.some(({ id }) => id === selected) || graph.nodes.some(({ id }) => id === selected));
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && selected !== undefined) change({ sel: undefined });
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  });
  const props = { run, search, change };
  return (
    <>
      <RunHeader run={run} />
      <Tabs {...props} />
      <div className={css['body']} data-view={view}>
        <div className={css['stage']}>
          <Suspense fallback={<Skeleton />}>
            {view === 'flow' && <FlowView {...props} graph={graph} />}
            {view === 'timeline' && <TimelineView {...props} />}
            {view === 'events' && <EventsView {...props} />}
          </Suspense>
        </div>
        {isKnown && (
          <SidePanel label="About this step" close={() => change({ sel: undefined })}>
            <StepPanel run={run} id={selected} graph={graph} select={(sel) => change({ sel })} />
          </SidePanel>
        )}
      </div>
    </>
  );
}

function Tabs({ run, search, change }: RunViewProps): ReactElement {
  const view = search.view ?? 'flow';
  const innerCount = useMemo(() => {
    const drawn = flowGraph(run, false).nodes.filter(({ step }) => step !== null);
    return run.steps.length - drawn.length;
  }, [run]);
  return (
    <div className={css['tabs']}>
      <Segments
        label="View"
        value={view}
        options={[
          { value: 'flow', label: 'Flow' },
          { value: 'timeline', label: 'Timeline' },
          {
            value: 'events',
            label: (
              <>
                Events <span className="number">{run.steps.length}</span>
              </>
            ),
          },
        ]}
        onChange={(next) => change({ view: next === 'flow' ? undefined : next })}
      />
      {view !== 'events' && innerCount > 0 && (
        <label className={css['check']}>
          <input
            type="checkbox"
            checked={search.inner === 'shown'}
            onChange={(event) => change({ inner: event.target.checked ? 'shown' : undefined })}
          />
          Inner steps <span className="number">({innerCount})</span>
        </label>
      )}
    </div>
  );
}
