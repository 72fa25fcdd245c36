import { useState, type ReactElement } from 'react';
import { CopyButton } from '../../part/copy.js';
import { PanelSection } from '../../part/side-panel.js';
import css from './run.module.css';

const FILTER_FROM = 12;

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function Attributes({
  attributes,
}: {
  readonly attributes: Readonly<Record<string, unknown>>;
}): ReactElement | null {
  const [find, setFind] = useState('');
  const all = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (all.length === 0) return null;
  const wanted = find.toLowerCase();
  const shown = all.filter(([name, value]) =>
    `${name} ${valueText(value)}`.toLowerCase().includes(wanted),
  );
  return (
    <PanelSection title={`Attributes (${String(all.length)})`}>
      {all.length >= FILTER_FROM && (
        <input
          type="search"
          className={css['attributeFind']}
          value={find}
          aria-label="Find an attribute"
          placeholder="Find an attribute …"
          onChange={(event) => setFind(event.target.value)}
        />
      )}
      <dl className={css['attributes']}>
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{valueText(value)}</code>
              <CopyButton text={valueText(value)} what={name} />
            </dd>
          </div>
        ))}
      </dl>
      {shown.length === 0 && <p>No attribute matches “{find}”.</p>}
    </PanelSection>
  );
}
