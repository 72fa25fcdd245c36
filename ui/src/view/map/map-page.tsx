import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { FindingView } from '@throughline/model/api/findings';
import type { MapView } from '@throughline/model/api/map';
import { useEffect, useEffectEvent, useMemo, type ReactElement } from 'react';
import { findingsQuery, mapQuery, workflowsQuery } from '../../api/queries.js';
import { useLiveQueryData } from '../../live/use-live.js';
import { Button } from '../../part/button.js';
import part from '../../part/part.module.css';
import { SidePanel } from '../../part/side-panel.js';
import { Answer, Notice } from '../../part/states.js';
import { usePageTitle } from '../../part/page-title.js';
import { isForShortcuts } from '../../shell/shortcuts.js';
import { useMediaQuery } from '../../theme/media-query.js';
import type { MapParams } from '../../url/params.js';
import { MapCanvas } from './map-canvas.js';
import { MapList } from './map-list.js';
import { MapToolbar } from './map-toolbar.js';
import css from './map.module.css';
import { NodePanel } from './node-panel.js';

const route = getRouteApi('/map');
const OPEN = { state: 'open' };

export function MapPage(): ReactElement {
  usePageTitle('Map');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const params = search.workflow === undefined ? {} : { workflow: search.workflow };
  const query = useQuery(mapQuery(params));
  useLiveQueryData('map', params, mapQuery(params).queryKey);
  const findings = useQuery(findingsQuery(OPEN)).data?.items;
  const byId = useMemo(() => new Map((findings ?? []).map((one) => [one.id, one])), [findings]);
  const change = (next: MapParams) =>
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  return (
    <div className={css['page']}>
      <h1 className="visually-hidden">Map</h1>
      <Answer query={query}>
        {(map) => <MapBody map={map} findings={byId} search={search} change={change} />}
      </Answer>
    </div>
  );
}

export interface MapBodyProps {
  readonly map: MapView;
  readonly findings: ReadonlyMap<string, FindingView>;
  readonly search: MapParams;
  readonly change: (next: MapParams) => void;
}

function MapBody(props: MapBodyProps): ReactElement {
  const { map, findings, search, change } = props;
  const isNarrow = useMediaQuery('(max-width: 719px)');
  const workflows = useQuery(workflowsQuery).data?.items.map(({ name }) => name) ?? [];
  const selected = map.nodes.find(({ id }) => id === search.sel);
  const close = useEffectEvent(() => change({ sel: undefined, focus: undefined }));
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && isForShortcuts(event)) close();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
  if (map.nodes.length === 0)
    return (
      <EmptyMap
        isFiltered={search.workflow !== undefined}
        clear={() => change({ workflow: undefined })}
      />
    );
  const isList = search.as === 'list' || isNarrow;
  return (
    <div className={css['body']} data-panel={selected !== undefined || undefined}>
      <div className={css['stage']} data-list={isList || undefined}>
        <MapToolbar {...props} workflows={workflows} isList={isList} isNarrow={isNarrow} />
        {isList ? (
          <MapList map={map} findings={findings} onSelect={(sel) => change({ sel })} />
        ) : (
          <MapCanvas {...props} />
        )}
      </div>
      {selected !== undefined && (
        <SidePanel label={`About ${selected.name}`} close={() => change({ sel: undefined })}>
          <NodePanel
            node={selected}
            map={map}
            findings={findings}
            select={(sel) => change({ sel })}
            focus={(focus) => change({ focus })}
          />
        </SidePanel>
      )}
    </div>
  );
}

function EmptyMap({
  isFiltered,
  clear,
}: {
  readonly isFiltered: boolean;
  readonly clear: () => void;
}): ReactElement {
  if (isFiltered) {
    return (
      <Notice
        title="This workflow has no traffic yet"
        icon="map"
        actions={<Button onClick={clear}>Show all workflows</Button>}
      >
        <p>Nothing was sent, taken or called in it.</p>
      </Notice>
    );
  }
  return (
    <Notice
      title="The map draws itself"
      icon="map"
      actions={
        <Link to="/setup" className={part['button']} data-kind="primary">
          Connect a service
        </Link>
      }
    >
      <p>
        Services, the queues and topics between them, and what is missing appear here with the first
        spans. Workflows declared in the configuration show at once, as dashed outlines.
      </p>
    </Notice>
  );
}
