import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from './match-text.js';
import { parseQuery } from './parse-query.js';
import { QueryFault } from './query-fault.js';

function faultOf(text: string): QueryFault {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof QueryFault) return error;
    throw error;
  }
  throw new Error(`"${text}" was taken as a query`);
}

/** The part of the text that the fault points at. */
function pointedAt(text: string): string {
  const { at } = faultOf(text);
  return text.slice(at.offset, at.offset + at.length);
}

describe('the query language', () => {
  it('reads every kind of term the contract names', () => {
    const query = parseQuery(
      'status:active workflow:checkout service:x name:"exact words" name:pay* event:payment.* ' +
        'attr.tenant=acme duration>=200ms error:true key:8123',
    );
    expect(query.map((term) => term.field)).toEqual([
      'status',
      'workflow',
      'service',
      'name',
      'name',
      'event',
      'attribute',
      'duration',
      'error',
      'key',
    ]);
    expect(query[3]).toEqual({
      field: 'name',
      pattern: { text: 'exact words', hasWildcards: false },
    });
    expect(query[4]).toEqual({ field: 'name', pattern: { text: 'pay*', hasWildcards: true } });
    expect(query[6]).toEqual({
      field: 'attribute',
      name: 'tenant',
      operator: '=',
      pattern: { text: 'acme', hasWildcards: false },
    });
    expect(query[7]).toEqual({ field: 'duration', operator: '>=', ms: 200 });
  });

  it('takes a star inside quotes as a star, and escaped quotes as quotes', () => {
    expect(parseQuery('name:"pay*"')[0]).toMatchObject({
      pattern: { text: 'pay*', hasWildcards: false },
    });
    expect(parseQuery(String.raw`name:"say \"hi\" \\ twice"`)[0]).toMatchObject({
      pattern: { text: String.raw`say "hi" \ twice` },
    });
  });

  it('takes a key with its type, quoted or not, and a trace id', () => {
    expect(parseQuery('key:order:8123')[0]).toEqual({ field: 'key', text: 'order:8123' });
    expect(parseQuery('key:order:"81 23"')[0]).toEqual({ field: 'key', text: 'order:81 23' });
    expect(parseQuery('trace:0af7')[0]).toEqual({ field: 'key', text: 'trace:0af7' });
  });

  it('takes an order number that stands alone as a key', () => {
    const key = { field: 'key', text: '8123' };
    expect(parseQuery('8123')).toEqual([key]);
    expect(parseQuery('8123 status:active')).toEqual([key, ...parseQuery('status:active')]);
    expect(parseQuery('emp-103 INV_2024/7')).toEqual([
      { field: 'key', text: 'emp-103' },
      { field: 'key', text: 'INV_2024/7' },
    ]);
  });

  it('an empty query has no terms', () => {
    expect(parseQuery('  \t ')).toEqual([]);
  });

  it.each([
    ['status:actve', 'actve'],
    ['status:active statuz:active', 'statuz'],
    ['status:active OR status:failed', 'OR'],
    ['status:active lonely', 'lonely'],
    ['8123:order', '8123:order'],
    ['-status:active', '-status:active'],
    ['status:active (key:1)', '(key:1)'],
    ['duration>fast', 'fast'],
    ['status>active', '>'],
    ['error:perhaps', 'perhaps'],
    ['name:"never closed', '"never closed'],
    ['attr.amount>=much', 'much'],
    ['finding:stalled', 'stalled'],
    ['"quoted"', '"quoted"'],
  ])('%s is refused, pointing at %s', (text, place) => {
    expect(pointedAt(text)).toBe(place);
  });

  it('says which word was probably meant', () => {
    expect(faultOf('statuz:active').message).toContain('Did you mean status?');
    expect(faultOf('status:actve').message).toContain('Did you mean active?');
  });

  it('shows a character that takes two units whole', () => {
    expect(faultOf('💥').message).toContain('not with "💥".');
    expect(pointedAt('status:active 💥')).toBe('💥');
  });

  it('never tells half a character, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        try {
          parseQuery(text);
        } catch (error) {
          // Half a character cannot be encoded.
          expect(() => encodeURIComponent((error as QueryFault).message)).not.toThrow();
        }
      }),
    );
  });

  it('points inside the text whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        try {
          parseQuery(text);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryFault);
          const { at } = error as QueryFault;
          expect(at.offset).toBeGreaterThanOrEqual(0);
          expect(at.offset).toBeLessThanOrEqual(text.length);
          expect(at.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('any text can be asked for by quoting it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const quoted = name.replace(/[\\"]/g, (char) => `\\${char}`);
        expect(parseQuery(`name:"${quoted}"`)).toEqual([
          { field: 'name', pattern: { text: name, hasWildcards: false } },
        ]);
      }),
    );
  });
});

describe('wildcards', () => {
  it.each([
    ['pay*', 'payment', true],
    ['*ment', 'payment', true],
    ['p*y*t', 'payment', true],
    ['p*yy*t', 'payment', false],
    ['aba*aba', 'aba', false],
    ['a*bc*c', 'abc', false],
    ['*', '', true],
    ['pay.*', 'payment', false],
  ])('%s against %s: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it('agree with the regular expression that says the same', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(few, text, (glob, subject) => {
        const same = new RegExp(`^${glob.split('*').join('.*')}$`).test(subject);
        expect(matchesGlob(glob, subject)).toBe(same);
      }),
    );
  });
});
