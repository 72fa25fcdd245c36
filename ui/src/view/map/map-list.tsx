import type { FindingView } from '@throughline/model/api/findings';
import type { MapView } from '@throughline/model/api/map';
import type { ReactElement } from 'react';
import page from '../../part/page.module.css';
import { TableHead } from '../../part/table-head.js';
import { StatusMark } from '../../part/status-mark.js';
import { Duration, useSharedNow } from '../../part/time.js';
import { formatCount, formatRate } from '../../theme/format.js';
import css from './map.module.css';
import { nodeMark, nodeNote, placeNames } from './map-scene.js';

const KINDS = {
  service: 'Service',
  destination: 'Destination',
  'dead-letter': 'Dead letters',
  external: 'External',
} as const;

interface MapListProps {
  readonly map: MapView;
  readonly findings: ReadonlyMap<string, FindingView>;
  readonly onSelect: (id: string) => void;
}

/** The same map as two tables: for screen readers, narrow screens, and whoever likes tables. */
export function MapList({ map, findings, onSelect }: MapListProps): ReactElement {
  return (
    <div className={css['list']}>
      <Places map={map} findings={findings} onSelect={onSelect} />
      <Connections map={map} />
    </div>
  );
}

const PLACE_HEADS = ['Name', 'Kind', 'Condition', 'Traffic', { name: 'Errors', isNumber: true }];

function Places({ map, findings, onSelect }: MapListProps): ReactElement {
  const nowMs = useSharedNow();
  const names = placeNames(map);
  return (
    <section className={page['card']}>
      <div className={page['cardHead']}>
        <h2>Places</h2>
      </div>
      <div className={page['tableWrap']} tabIndex={0} role="group" aria-label="Places">
        <table className={page['table']}>
          <TableHead heads={PLACE_HEADS} />
          <tbody>
            {map.nodes.map((node) => {
              const mark = nodeMark(node, findings);
              return (
                <tr key={node.id}>
                  <td className={page['name']}>
                    <button
                      type="button"
                      className={page['link']}
                      onClick={() => onSelect(node.id)}
                    >
                      {names.get(node.id)}
                    </button>
                  </td>
                  <td className={page['muted']}>{KINDS[node.kind]}</td>
                  <td>
                    {mark === null ? (
                      <span className={page['dim']}>no finding</span>
                    ) : (
                      <StatusMark mark={mark} />
                    )}
                  </td>
                  <td className="number">{nodeNote(node, nowMs)}</td>
                  <td className={page['right']}>{formatCount(node.stats.errorCount)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const CONNECTION_HEADS = [
  'From',
  'To',
  'Kind',
  { name: 'Rate', isNumber: true },
  { name: 'p50', isNumber: true },
  { name: 'p95', isNumber: true },
  { name: 'Errors', isNumber: true },
];

function Connections({ map }: Pick<MapListProps, 'map'>): ReactElement {
  const names = placeNames(map);
  return (
    <section className={page['card']}>
      <div className={page['cardHead']}>
        <h2>Connections</h2>
      </div>
      <div className={page['tableWrap']} tabIndex={0} role="group" aria-label="Connections">
        <table className={page['table']}>
          <TableHead heads={CONNECTION_HEADS} />
          <tbody>
            {map.edges.map((edge) => (
              <tr key={`${edge.from} ${edge.to} ${edge.kind}`}>
                <td className={page['name']}>{names.get(edge.from) ?? edge.from}</td>
                <td className={page['name']}>{names.get(edge.to) ?? edge.to}</td>
                <td>{edge.ghost ? <StatusMark mark="missing" word="expected" /> : edge.kind}</td>
                <td className={page['right']}>{formatRate(edge.ratePerMinute)}</td>
                <td className={page['right']}>
                  <Duration ms={edge.p50Ms} />
                </td>
                <td className={page['right']}>
                  <Duration ms={edge.p95Ms} />
                </td>
                <td className={page['right']}>{formatCount(edge.errorCount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
