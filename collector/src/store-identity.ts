import { randomUUID } from 'node:crypto';
import type { FactStore } from './store/fact-store.js';

const ID = 'id';

/**
 * Names this very set of facts, for what follows from them and lies elsewhere. A store that cannot be written just now
 * has another name each time: what bears it is thrown away at the next start.
 */
export async function storeIdentity(store: FactStore): Promise<string> {
  const known = store.records('store').get(ID);
  if (typeof known === 'string') return known;
  const id = randomUUID();
  await store.putRecord('store', ID, id).catch(() => undefined);
  return id;
}
