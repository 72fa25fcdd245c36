import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FindingView } from '@throughline/model/api/findings';
import type { MapEdge, MapNode, MapView } from '@throughline/model/api/map';
import type { ReactElement } from 'react';
import { someRunsQuery } from '../../api/queries.js';
import { Button } from '../../part/button.js';
import { FindingCard } from '../../part/finding-card.js';
import page from '../../part/page.module.css';
import { RunLine } from '../../part/run-line.js';
import { PanelSection } from '../../part/side-panel.js';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { Age, Duration } from '../../part/time.js';
import { formatCount, formatDuration, formatRate } from '../../theme/format.js';
import css from './map.module.css';
import { findingsAt, nodeMark, placeNames } from './map-scene.js';

const KINDS = {
  service: 'Service',
  destination: 'Destination',
  'dead-letter': 'Dead-letter destination',
  external: 'External system',
} as const;
const SAMPLE = '5';

interface NodePanelProps {
  readonly node: MapNode;
  readonly map: MapView;
  readonly findings: ReadonlyMap<string, FindingView>;
  readonly select: (id: string) => void;
  readonly focus: (id: string) => void;
}

export function NodePanel({ node, map, findings, select, focus }: NodePanelProps): ReactElement {
  const own = findingsAt(node, findings);
  const mark = nodeMark(node, findings);
  return (
    <>
      <p className={css['panelKind']}>
        {KINDS[node.kind]}
        {node.system !== null && ` · ${node.system}`}
      </p>
      <h2>{node.name}</h2>
      <div className={css['panelMark']}>
        {mark === null ? (
          <StatusMark mark="completed" word="No open finding" />
        ) : (
          <StatusMark mark={mark} isTinted />
        )}
        <Button isSmall onClick={() => focus(node.id)}>
          Show only what is next to it
        </Button>
      </div>
      {own.length > 0 && (
        <PanelSection title="Open findings">
          <ul className={css['stack']}>
            {own.map((finding) => (
              <li key={finding.id}>
                <FindingCard finding={finding} />
              </li>
            ))}
          </ul>
        </PanelSection>
      )}
      <PanelSection title="Now">
        <NodeFacts node={node} />
      </PanelSection>
      <Edges
        title="Comes in from"
        other="from"
        edges={map.edges.filter(({ to }) => to === node.id)}
        map={map}
        select={select}
      />
      <Edges
        title="Goes out to"
        other="to"
        edges={map.edges.filter(({ from }) => from === node.id)}
        map={map}
        select={select}
      />
      {!node.ghost && <SampleRuns node={node} />}
    </>
  );
}

function NodeFacts({ node }: { readonly node: MapNode }): ReactElement {
  const { stats } = node;
  return (
    <dl className={page['facts']}>
      <dt>In · out</dt>
      <dd className="number">
        {formatRate(stats.inPerMinute)} · {formatRate(stats.outPerMinute)}
      </dd>
      {stats.backlog !== null && (
        <>
          <dt>Waiting</dt>
          <dd className="number">
            {formatCount(stats.backlog)}
            {stats.oldestAgeMs !== null && `, oldest ${formatDuration(stats.oldestAgeMs)}`}
          </dd>
        </>
      )}
      <dt>Errors</dt>
      <dd className="number">{formatCount(stats.errorCount)}</dd>
      {stats.directs > 0 && (
        <>
          <dt>Directs</dt>
          <dd className="number">{formatCount(stats.directs)} steps of others</dd>
        </>
      )}
      <dt>Last seen</dt>
      <dd>
        {stats.lastSeenAt === null ? (
          'never'
        ) : (
          <>
            <Age at={stats.lastSeenAt} /> ago
          </>
        )}
      </dd>
      <dt>Owner</dt>
      <dd>{node.owner ?? <span className={page['dim']}>not configured</span>}</dd>
    </dl>
  );
}

interface EdgesProps {
  readonly title: string;
  readonly other: 'from' | 'to';
  readonly edges: readonly MapEdge[];
  readonly map: MapView;
  readonly select: (id: string) => void;
}

function Edges({ title, other, edges, map, select }: EdgesProps): ReactElement | null {
  if (edges.length === 0) return null;
  const names = placeNames(map);
  return (
    <PanelSection title={title}>
      <ul className={css['edges']}>
        {edges.map((edge) => (
          <li key={`${edge.from} ${edge.to} ${edge.kind}`}>
            <button type="button" onClick={() => select(edge[other])}>
              {names.get(edge[other]) ?? edge[other]}
            </button>
            {edge.ghost ? (
              <StatusMark mark="missing" word="expected, not seen" />
            ) : (
              <span className="number">{formatRate(edge.ratePerMinute)}</span>
            )}
            <span className={css['edgeNote']}>
              {edge.kind}
              {edge.errorCount > 0 &&
                ` · ✕ ${formatCount(edge.errorCount)} of ${formatCount(edge.count)}`}
              {edge.p50Ms !== null && (
                <>
                  {' '}
                  · p50 <Duration ms={edge.p50Ms} /> · p95 <Duration ms={edge.p95Ms} /> · p99{' '}
                  <Duration ms={edge.p99Ms} />
                </>
              )}
            </span>
            {edge.messageTypes.length > 0 && (
              <span className={css['edgeNote']}>{edge.messageTypes.join(', ')}</span>
            )}
          </li>
        ))}
      </ul>
    </PanelSection>
  );
}

function SampleRuns({ node }: { readonly node: MapNode }): ReactElement {
  const filter =
    node.kind === 'service' || node.kind === 'external'
      ? { service: node.name }
      : { destination: node.name };
  const query = useQuery(someRunsQuery({ ...filter, limit: SAMPLE }));
  return (
    <PanelSection title="Newest runs through here">
      <Answer query={query}>
        {({ items }) => (
          <>
            <ul className={css['runs']}>
              {items.map((run) => (
                <li key={run.id}>
                  <RunLine run={run} />
                </li>
              ))}
            </ul>
            {items.length === 0 ? (
              <p className={page['muted']}>No run went through here.</p>
            ) : (
              <Link to="/runs" search={filter} className={page['link']}>
                All runs through {node.name}
              </Link>
            )}
          </>
        )}
      </Answer>
    </PanelSection>
  );
}
