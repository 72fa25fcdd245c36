import { domainStep } from '@throughline/fixtures/build/domain-step';
import type { Key } from '@throughline/model/key';
import type { Step } from '@throughline/model/step';
import { expect, test } from 'vitest';
import { Stitcher } from './stitch.js';

const MAX = 20;

/** A request that publishes an event, in a trace of its own. */
function request(trace: number, keys: readonly Key[]): Step[] {
  return [
    domainStep({ trace, span: 1, role: 'serve', name: 'POST /orders', atMs: trace }),
    domainStep({ trace, span: 2, parent: 1, role: 'send', atMs: trace, keys, message: {} }),
  ];
}

function correlation(value: string): Key {
  return { type: 'correlation', value, relation: 'same' };
}

function stitch(steps: readonly Step[]): Stitcher {
  const stitcher = new Stitcher({ keyPartnersMax: MAX, flows: [] });
  stitcher.add(steps, 1);
  stitcher.takeChanges();
  return stitcher;
}

// A service that writes its own name where the correlation id belongs.
test('a correlation id that is the same for every request glues nothing together', () => {
  const requests = Array.from({ length: MAX + 1 }, (_, at) =>
    request(at + 1, [correlation('shop')]),
  );
  const stitcher = stitch(requests.flat());
  expect([...stitcher.ids()].length).toBe(MAX + 1);
  expect(stitcher.coarseKeys()).toEqual([
    {
      type: 'correlation',
      value: 'shop',
      reason: 'starts',
      partnerType: null,
      partnerCount: MAX + 1,
      services: ['shop'],
    },
  ]);
});

// A customer who looks at one order again and again is one run of that order.
test('a business key may begin as many requests as it likes', () => {
  const order: Key = { type: 'order', value: '8123', relation: 'same' };
  const requests = Array.from({ length: MAX * 3 }, (_, at) => request(at + 1, [order]));
  const stitcher = stitch(requests.flat());
  expect([...stitcher.ids()].length).toBe(1);
  expect(stitcher.coarseKeys()).toEqual([]);
});

// An order that is touched for months by requests, each with a correlation id of its own.
test('an order may meet some correlation ids, and a tenant that meets every order is coarse', () => {
  const order: Key = { type: 'order', value: '8123', relation: 'same' };
  const visits = Array.from({ length: MAX }, (_, at) =>
    request(at + 1, [order, correlation(`c${at}`)]),
  );
  expect([...stitch(visits.flat()).ids()].length).toBe(1);
  const tenant: Key = { type: 'tenant', value: 'acme', relation: 'same' };
  const orders = Array.from({ length: MAX + 1 }, (_, at) =>
    request(at + 1, [tenant, { ...order, value: `o${at}` }]),
  );
  const stitcher = stitch(orders.flat());
  expect([...stitcher.ids()].length).toBe(MAX + 1);
  expect(stitcher.coarseKeys().map(({ type, reason }) => [type, reason])).toEqual([
    ['tenant', 'partners'],
  ]);
});
