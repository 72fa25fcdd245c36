import { useEffect } from 'react';

const PRODUCT = 'Throughline';

/** Names the tab after the page, what differs first, so that tabs beside each other can be told apart. */
export function usePageTitle(...parts: readonly (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined && part !== ''), PRODUCT].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
