import type { Run } from '@throughline/model/run';
import type { Stitcher } from './stitch.js';

/**
 * Everything that stitching made of a set of steps, as text: equal sets give equal texts, byte for byte (S1).
 * What tests compare and what a rebuild is checked against.
 */
export function canonicalDump(stitcher: Stitcher): string {
  stitcher.takeChanges();
  const runs = [...stitcher.ids()].sort().map((id) => stitcher.run(id));
  return [...runs.map(dumpRun), dump(stitcher.coarseKeys())].join('\n');
}

export function dumpRun(run: Run | undefined): string {
  return dump(run);
}

function dump(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => {
      if (typeof item === 'bigint') return `${item}n`;
      if (item instanceof Map) return [...item.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      return item;
    },
    1,
  );
}
