import { expect } from 'vitest';
import type { WireSpan } from '../wire.js';

/** The spans with attributes in maps, however they were kept; what they say when asked is what they say when listed. */
export function plainSpans(spans: readonly WireSpan[]): WireSpan[] {
  return spans.map((span) => {
    const { attributes } = span;
    const plain = new Map(attributes);
    expect(attributes.size).toBe(plain.size);
    expect([...attributes.keys()]).toEqual([...plain.keys()]);
    expect([...attributes.values()]).toEqual([...plain.values()]);
    for (const [name, value] of plain) {
      expect(attributes.has(name)).toBe(true);
      expect(attributes.get(name)).toBe(value);
    }
    expect(attributes.has('not there')).toBe(false);
    return { ...span, attributes: plain };
  });
}
