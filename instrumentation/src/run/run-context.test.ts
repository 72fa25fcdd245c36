import { ROOT_CONTEXT, propagation } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract, inject } from '../message/carrier.js';
import { correlationOf, keysOf, withCorrelation, withKeys } from './run-context.js';

const type = fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/);
const value = fc.string({ minLength: 1, maxLength: 512, unit: 'binary' });

describe('the keys of a run', () => {
  it('arrive at the other side of a hop as they left, whatever their characters', () => {
    fc.assert(
      fc.property(fc.dictionary(type, value, { maxKeys: 8 }), (keys) => {
        const sent = withKeys(ROOT_CONTEXT, keys);
        const headers: Record<string, string> = {};
        inject(sent, (name, text) => {
          headers[name] = text;
        });
        fc.pre((headers['baggage'] ?? '').length <= 8_192);
        expect(Object.fromEntries(keysOf(extract(headers)))).toEqual(
          Object.fromEntries(keysOf(sent)),
        );
      }),
    );
  });

  it('are at most eight, and only those that can be carried', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${String(i)}`, 'v']));
    expect(keysOf(withKeys(ROOT_CONTEXT, many))).toHaveLength(8);
    const wrong = { 'a b': '1', '': '1', ok: '', long: 'x'.repeat(513), fine: '1' };
    expect(keysOf(withKeys(ROOT_CONTEXT, wrong))).toEqual([['fine', '1']]);
  });

  it('leave the baggage of the app alone', () => {
    const own = propagation.setBaggage(
      ROOT_CONTEXT,
      propagation.createBaggage({ tenant: { value: 'acme' } }),
    );
    const keyed = withKeys(withKeys(own, { order: '1' }), { order: '2' });
    expect(propagation.getBaggage(keyed)?.getEntry('tenant')?.value).toBe('acme');
  });

  it('add up, unless one of them says that this is another run', () => {
    const first = withKeys(ROOT_CONTEXT, { order: '1' });
    expect(keysOf(withKeys(first, { payment: 'p' }))).toEqual([
      ['order', '1'],
      ['payment', 'p'],
    ]);
    const both = withKeys(first, { payment: 'p' });
    expect(keysOf(withKeys(both, { order: '2' }))).toEqual([['order', '2']]);
    expect(keysOf(withKeys(both, { shipment: 's' }, true))).toEqual([['shipment', 's']]);
  });
});

describe('the correlation id', () => {
  it('is the first key with its type, so that two kinds of the same number stay apart', () => {
    const order = withKeys(ROOT_CONTEXT, { order: '7' });
    expect(correlationOf(order)).toBe('order:7');
    expect(correlationOf(withKeys(order, { payment: 'p' }))).toBe('order:7');
    expect(correlationOf(withKeys(ROOT_CONTEXT, { invoice: '7' }))).toBe('invoice:7');
    expect(correlationOf(ROOT_CONTEXT)).toBeNull();
  });

  it('that came with a message goes on with what the message causes', () => {
    const keyed = withCorrelation(withKeys(ROOT_CONTEXT, { order: '7' }), 'conv-1');
    expect(correlationOf(keyed)).toBe('conv-1');
    expect(keysOf(keyed)).toEqual([['order', '7']]);
  });

  it('becomes the key of a run that has none, and ends where another run begins', () => {
    const received = withCorrelation(ROOT_CONTEXT, 'conv-1');
    expect(keysOf(received)).toEqual([['correlation', 'conv-1']]);
    const other = withKeys(received, { correlation: 'conv-2' });
    expect(correlationOf(other)).toBe('conv-2');
  });
});
