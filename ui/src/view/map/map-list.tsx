import type { FindingView } from '@throughline/model/api/findings';
import type { MapView } from '@throughline/model/api/map';
import type { ReactElement } from 'react';
import { classNames } from '../../part/class-names.js';
import page from '../../part/page.module.css';
import { StatusMark } from '../../part/status-mark.js';
import { Duration } from '../../part/time.js';
import { formatCount, formatRate } from '../../theme/format.js';
import css from './map.module.css';
import { nodeMark, nodeNote } from './map-scene.js';

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
  const names = new Map(map.nodes.map(({ id, name }) => [id, name]));
  return (
    <div className={css['list']}>
      <section className={page['card']}>
        <div className={page['cardHead']}>
          <h2>Places</h2>
        </div>
        <div className={page['tableWrap']} tabIndex={0} role="group" aria-label="Places">
          <table className={page['table']}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Kind</th>
                <th scope="col">Condition</th>
                <th scope="col">Traffic</th>
                <th scope="col" className={page['right']}>
                  Errors
                </th>
              </tr>
            </thead>
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
                        {node.name}
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
                    <td className="number">{nodeNote(node)}</td>
                    <td className={page['right']}>{formatCount(node.stats.errorCount)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </section>
      <section className={page['card']}>
        <div className={page['cardHead']}>
          <h2>Connections</h2>
        </div>
        <div className={page['tableWrap']} tabIndex={0} role="group" aria-label="Connections">
          <table className={classNames(page['table'])}>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Kind</th>
                <th scope="col" className={page['right']}>
                  Rate
                </th>
                <th scope="col" className={page['right']}>
                  p50
                </th>
                <th scope="col" className={page['right']}>
                  p95
                </th>
                <th scope="col" className={page['right']}>
                  Errors
                </th>
              </tr>
            </thead>
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
    </div>
  );
}
