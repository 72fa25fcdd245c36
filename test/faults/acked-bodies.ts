import { expect } from 'vitest';
import { everyBody } from '../../collector/src/store/fact-store.case.js';
import { openFactStore } from '../../collector/src/store/sqlite/open.js';
import { manualClock } from '../support/manual-clock.js';

/** Number → id of every body whose append was acknowledged. A line cut off by the kill says nothing. */
export function ackedIn(said: string): Map<number, number> {
  const lines = said.matchAll(/^acked (\d+) (\d+)\n/gm);
  return new Map([...lines].map(([, number, id]) => [Number(number), Number(id)]));
}

/** Number → id of every body in the folder's store, which must open without a word. */
export async function storedIn(folder: string): Promise<Map<number, number>> {
  const onWarning = (text: string): never => expect.fail(`needed repair: ${text}`);
  const store = await openFactStore({ folder, clock: manualClock(), onWarning });
  try {
    const numberOf = (body: Uint8Array): number =>
      Number.parseInt(new TextDecoder().decode(body), 10);
    return new Map((await everyBody(store)).map(({ id, body }) => [numberOf(body), id]));
  } finally {
    await store.close();
  }
}
