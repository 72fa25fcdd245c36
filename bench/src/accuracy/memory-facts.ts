import type { EngineDeps } from '@throughline/collector/engine';

type FactStore = EngineDeps['store'];

/** Facts that nobody reads back: only what follows from them is looked at here. */
export function memoryFacts(): FactStore {
  let bodies = 0;
  const none = new Map<string, unknown>();
  return {
    append: () => Promise.resolve((bodies += 1)),
    async *read() {
      yield* [];
    },
    bodies: () => [],
    idBeforeNewest: () => Promise.resolve(0),
    putRecord: () => Promise.resolve(),
    deleteRecord: () => Promise.resolve(),
    records: () => none,
    drop: () => Promise.resolve(0),
    state: () => ({
      isWritable: true,
      reason: null,
      bodies,
      bytesOnDisk: 0,
      inFlightBytes: 0,
      oldestReceivedAtNs: null,
      oldestBodyId: bodies === 0 ? null : 1,
    }),
    close: () => Promise.resolve(),
  };
}
