import { useState, type ReactElement } from 'react';
import { Button } from '../../part/button.js';
import { Icon } from '../../part/icon.js';
import part from '../../part/part.module.css';
import { Segments } from '../../part/segments.js';
import { LENSES } from '../../url/params.js';
import type { MapBodyProps } from './map-page.js';
import css from './map.module.css';

const LENS_LABELS = {
  health: 'Health',
  rate: 'Rate',
  latency: 'Latency',
  errors: 'Errors',
} as const;

interface MapToolbarProps extends MapBodyProps {
  readonly workflows: readonly string[];
  readonly isList: boolean;
  readonly isNarrow: boolean;
}

export function MapToolbar({
  map,
  search,
  change,
  workflows,
  isList,
  isNarrow,
}: MapToolbarProps): ReactElement {
  const focused = map.nodes.find(({ id }) => id === search.focus);
  return (
    <div className={css['toolbar']}>
      {!isList && (
        <Segments
          label="Lens"
          value={search.lens ?? 'health'}
          options={LENSES.map((value) => ({ value, label: LENS_LABELS[value] }))}
          onChange={(lens) => change({ lens: lens === 'health' ? undefined : lens })}
        />
      )}
      {workflows.length > 1 && (
        <WorkflowPick search={search} change={change} workflows={workflows} />
      )}
      {!isList && <Find search={search} change={change} />}
      {focused !== undefined && (
        <button type="button" className={part['chip']} onClick={() => change({ focus: undefined })}>
          Around {focused.name}
          <Icon name="close" size={12} />
          <span className="visually-hidden">Show everything again</span>
        </button>
      )}
      {!isNarrow && (
        <span className={css['toolbarEnd']}>
          <Button
            icon={isList ? 'map' : 'list'}
            onClick={() => change({ as: isList ? undefined : 'list' })}
          >
            {isList ? 'Map' : 'List'}
          </Button>
        </span>
      )}
    </div>
  );
}

type PickProps = Pick<MapToolbarProps, 'search' | 'change' | 'workflows'>;

function WorkflowPick({ search, change, workflows }: PickProps): ReactElement {
  return (
    <label className={css['pick']}>
      <span className="visually-hidden">Workflow</span>
      <select
        value={search.workflow ?? ''}
        onChange={(event) =>
          change({ workflow: event.target.value === '' ? undefined : event.target.value })
        }
      >
        <option value="">All workflows</option>
        {workflows.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Find({ search, change }: Pick<MapToolbarProps, 'search' | 'change'>): ReactElement {
  const [find, setFind] = useState(search.find ?? '');
  return (
    <label className={css['find']}>
      <Icon name="search" size={14} />
      <span className="visually-hidden">Find a place</span>
      <input
        type="search"
        value={find}
        placeholder="Find …"
        onChange={(event) => {
          setFind(event.target.value);
          change({ find: event.target.value === '' ? undefined : event.target.value });
        }}
      />
    </label>
  );
}
