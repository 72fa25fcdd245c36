import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem.js';

const RETRIES_MAX = 2;

/** A wrong question is not asked again; a server that was not reached is. */
function isWorthRetrying(failureCount: number, error: Error): boolean {
  if (failureCount >= RETRIES_MAX) return false;
  return !(error instanceof ApiProblem) || error.isUnreachable || error.status >= 500;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: isWorthRetrying,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4000),
      staleTime: 2000,
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
