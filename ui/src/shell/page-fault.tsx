import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { asProblem } from '../api/problem.js';
import { Fault, Notice } from '../part/states.js';
import { usePageTitle } from '../part/page-title.js';
import part from '../part/part.module.css';

export function NotFound(): ReactElement {
  usePageTitle('No such page');
  return (
    <Notice
      title="There is no page at this address"
      isPage
      icon="search"
      actions={
        <Link to="/" className={part['button']}>
          Go to the overview
        </Link>
      }
    >
      <p>The link may be cut off, or it belongs to another version of Throughline.</p>
    </Notice>
  );
}

export function PageFault({ error, reset }: ErrorComponentProps): ReactElement {
  usePageTitle('Trouble');
  return <Fault problem={asProblem(error)} retry={reset} />;
}
