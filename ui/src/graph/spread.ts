/** Something with a height whose middle is at `y`. */
export interface Stacked {
  readonly height: number;
  y: number;
}

/**
 * Moves the entries of one column as little as possible (least squares) from where they wish to be, so that
 * none overlaps the next. The order is kept. Pooling of adjacent violators, in linear time.
 */
export function spread<T extends Stacked>(column: readonly T[], wish: (entry: T) => number): void {
  const blocks: { sum: number; size: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  column.forEach((entry, index) => {
    const above = column[index - 1];
    if (above) offset += (above.height + entry.height) / 2;
    offsets.push(offset);
    let block = { sum: wish(entry) - offset, size: 1 };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.size > block.sum / block.size;
      last = blocks.at(-1)
    ) {
      block = { sum: block.sum + last.sum, size: block.size + last.size };
      blocks.pop();
    }
    blocks.push(block);
  });
  let index = 0;
  for (const { sum, size } of blocks) {
    for (const end = index + size; index < end; index += 1) {
      const entry = column[index];
      if (entry) entry.y = sum / size + (offsets[index] ?? 0);
    }
  }
}
