import type { RunFacets } from '../read-store.js';
import type { RunArchive } from '../run-archive.js';

/** Where nothing ever goes: for a memory that is never full. */
export function noArchive(): RunArchive {
  return {
    isEmpty: true,
    runCount: 0,
    lastBodyId: 0,
    neededBodyId: null,
    put: () => {
      throw new Error('BUG: there is no archive for what leaves memory');
    },
    change: () => undefined,
    mayHaveTie: () => false,
    withTie: () => [],
    family: () => undefined,
    inMemory: () => [],
    dropBefore: () => undefined,
    close: () => undefined,
    get: () => undefined,
    withValue: () => [],
    mayHaveAttribute: () => false,
    placesOf: () => [],
    page: () => ({ items: [], lookedUpTo: null }),
    facets: (): RunFacets => ({
      isComplete: true,
      total: 0,
      workflow: new Map(),
      status: new Map(),
      pattern: new Map(),
      service: new Map(),
      destination: new Map(),
    }),
    workflows: () => new Map(),
  };
}
