import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Notice } from '../../part/states.js';
import css from './catalog.module.css';

const NUMBERS = new Set([
  'Steps',
  'Sent',
  'Taken',
  'Waiting',
  'Runs',
  'In',
  'Out',
  'Stalled',
  'p50',
  'p95',
]);

interface CatalogTableProps {
  readonly label: string;
  readonly heads: readonly string[];
  readonly selected: string | undefined;
  readonly children: ReactNode;
}

/** A table whose chosen row is brought into view, so that a link to one entry shows that entry. */
export function CatalogTable({
  label,
  heads,
  selected,
  children,
}: CatalogTableProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector('[data-selected]')?.scrollIntoView({ block: 'center' });
  }, [selected]);
  return (
    <div
      ref={box}
      className={`${page['card'] ?? ''} ${page['tableWrap'] ?? ''} ${css['table'] ?? ''}`}
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      <table className={page['table']}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className={NUMBERS.has(head) ? page['right'] : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function CatalogEmpty({ what }: { readonly what: string }): ReactElement {
  return (
    <Notice
      title={`No ${what} yet`}
      icon="catalog"
      actions={
        <Link to="/setup" className={part['button']} data-kind="primary">
          Connect a service
        </Link>
      }
    >
      <p>The catalog fills itself from the spans that arrive.</p>
    </Notice>
  );
}
