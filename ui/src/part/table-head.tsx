import type { ReactElement } from 'react';
import page from './page.module.css';

export interface Head {
  readonly name: string;
  /** Numbers stand at the right, so that their digits line up. */
  readonly isNumber?: boolean;
}

export function TableHead({ heads }: { readonly heads: readonly (string | Head)[] }): ReactElement {
  return (
    <thead>
      <tr>
        {heads.map((head) => {
          const { name, isNumber = false } = typeof head === 'string' ? { name: head } : head;
          return (
            <th key={name} scope="col" className={isNumber ? page['right'] : undefined}>
              {name}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
