import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import type { Page } from '@throughline/model/api/primitives';
import type { RunItem } from '@throughline/model/api/runs';
import { useRef, useState } from 'react';
import { runsQuery, type Params } from '../../api/queries.js';
import { useLiveView } from '../../live/use-live.js';

type Pages = InfiniteData<Page<RunItem>, string>;

export interface FreshRuns {
  /** Runs that came in and wait for somebody to want them. */
  readonly count: number;
  readonly show: () => void;
}

/** Known runs change in place; new ones wait behind a button, so that no row moves under a pointer. */
export function useFreshRuns(params: Params): FreshRuns {
  const client = useQueryClient();
  const { queryKey } = runsQuery(params);
  const waiting = useRef(new Set<string>());
  const [count, setCount] = useState(0);
  const last = useRef(queryKey);
  if (JSON.stringify(last.current) !== JSON.stringify(queryKey)) {
    last.current = queryKey;
    waiting.current = new Set();
    if (count !== 0) setCount(0);
  }
  useLiveView('runs', params, (body) => {
    const pages = client.getQueryData<Pages>(queryKey);
    const changed = (body as Page<RunItem> | undefined)?.items;
    if (pages === undefined || changed === undefined) return;
    const byId = new Map(changed.map((run) => [run.id, run]));
    client.setQueryData<Pages>(queryKey, withChanges(pages, byId));
    const known = new Set(pages.pages.flatMap(({ items }) => items.map(({ id }) => id)));
    for (const id of byId.keys()) if (!known.has(id)) waiting.current.add(id);
    setCount(waiting.current.size);
  });
  const show = () => {
    waiting.current = new Set();
    setCount(0);
    void client.resetQueries({ queryKey });
  };
  return { count, show };
}

function withChanges(pages: Pages, changed: ReadonlyMap<string, RunItem>): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.map((run) => changed.get(run.id) ?? run),
    })),
  };
}
