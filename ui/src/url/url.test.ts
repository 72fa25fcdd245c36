import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterOf, filterText, parseTerms, withoutTerm } from './run-query.js';
import { parseSearch, stringifySearch } from './search-codec.js';

const name = fc.stringMatching(/^[a-z][a-z_]{0,9}$/);
const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });

describe('the address as state', () => {
  it('comes back the same from any parameters', () => {
    fc.assert(
      fc.property(fc.dictionary(name, text), (params) => {
        expect({ ...parseSearch(stringifySearch(params)) }).toEqual({ ...params });
      }),
    );
  });

  it('keeps numbers as the text they are and names it does not know', () => {
    expect({ ...parseSearch('?key=08123&newer=1') }).toEqual({ key: '08123', newer: '1' });
  });

  it('stays readable', () => {
    const address = stringifySearch({ status: 'active', q: 'name:"pay card" duration>=200ms' });
    expect(address).toBe('?status=active&q=name:"pay+card"+duration>=200ms');
  });
});

describe('the query bar and its chips', () => {
  const value = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' });
  const term = fc.record({
    field: fc.constantFrom('status', 'workflow', 'service', 'name', 'attr.tenant', 'duration'),
    operator: fc.constantFrom(':', '>=', '='),
    value,
  });

  it('are two faces of one query: text, parameters and text again say the same', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 6 }), (terms) => {
        const written = terms
          .map((one) => `${one.field}${one.operator}"${one.value.replace(/["\\]/g, '\\$&')}"`)
          .join(' ');
        const once = filterOf(written);
        expect(filterOf(filterText(once))).toEqual(once);
        const order = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();
        expect(order(parseTerms(filterText(once)))).toEqual(order(parseTerms(written)));
      }),
    );
  });

  it('send the first term of a field as its parameter and the rest as text', () => {
    expect(filterOf('status:active 8123 status:failed name:"exact words"')).toEqual({
      status: 'active',
      q: '8123 status:failed name:"exact words"',
    });
  });

  it('lose exactly the term whose chip was closed', () => {
    const filter = filterOf('status:active workflow:checkout error:true');
    expect(withoutTerm(filter, 1)).toEqual({ status: 'active', q: 'error:true' });
  });

  it('ignore a field without a value while it is being typed', () => {
    expect(filterOf('status:')).toEqual({});
  });
});
