import { useRouter } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { basePath } from '../api/address.js';
import css from './page.module.css';

interface ServerLinkProps {
  /** As the API gives it: a path of ours (`/runs/r_…`), or an address of the web. */
  readonly href: string;
  readonly children: ReactNode;
}

/** Data may come from anywhere: only our own paths and web addresses become links. */
export function ServerLink({ href, children }: ServerLinkProps): ReactElement {
  const router = useRouter();
  if (/^https?:\/\//.test(href)) {
    return (
      <a href={href} className={css['link']} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  }
  if (!href.startsWith('/') || href.startsWith('//')) return <>{children}</>;
  const address = basePath + href.slice(1);
  return (
    <a
      href={address}
      className={css['link']}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        router.history.push(address);
      }}
    >
      {children}
    </a>
  );
}
