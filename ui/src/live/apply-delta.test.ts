import { describe, expect, it } from 'vitest';
import { applyDelta } from './apply-delta.js';

const list = (...ids: string[]) => ({ items: ids.map((id) => ({ id, at: 1 })), next: null });

describe('a live list', () => {
  it('changes known entries in place, so that no row moves', () => {
    const after = applyDelta(list('a', 'b', 'c'), { upsert: [{ id: 'b', at: 2 }] });
    expect(after).toEqual({
      items: [
        { id: 'a', at: 1 },
        { id: 'b', at: 2 },
        { id: 'c', at: 1 },
      ],
      next: null,
    });
  });

  it('puts new entries first and takes removed ones out', () => {
    const after = applyDelta(list('a', 'b'), { upsert: [{ id: 'z', at: 3 }], remove: ['a'] });
    expect(after).toEqual({
      items: [
        { id: 'z', at: 3 },
        { id: 'b', at: 1 },
      ],
      next: null,
    });
  });

  it('knows dead letters by their destination', () => {
    const before = { items: [{ destination: 'pay.dlq', count: 1 }] };
    const after = applyDelta(before, { upsert: [{ destination: 'pay.dlq', count: 2 }] });
    expect(after).toEqual({ items: [{ destination: 'pay.dlq', count: 2 }] });
  });

  it('stays the same object when nothing changed', () => {
    const before = list('a');
    expect(applyDelta(before, { upsert: [], remove: [] })).toBe(before);
  });

  it('takes a replacement as it is', () => {
    expect(applyDelta({ nodes: [] }, { replace: { nodes: [1] } })).toEqual({ nodes: [1] });
  });
});
