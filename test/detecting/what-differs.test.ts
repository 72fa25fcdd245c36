import type { AttributeInputs } from '@throughline/fixtures/build/span';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import { describe, expect, test } from 'vitest';
import { checkout, MINUTE, SECOND, send } from './acts.js';
import type { RowPolicy } from './row.js';
import { judgedOnce, staged } from './stage.js';

const unlearned: RowPolicy = { ...checkout, detect: { learn: false } };

interface Payment {
  readonly attributes: AttributeInputs;
  readonly isStuck: boolean;
}

/** Paid on a partition, for a tenant; and reserved, unless it gets stuck there. */
function paid(line: Storyline, at: number, { attributes, isStuck }: Payment): void {
  const placed = send(line, 'order.placed', { by: 'shop', at: at - 50 });
  const paying = line.take(placed, { by: 'payments', at: at - 20 });
  const how = { by: 'payments', at, inside: paying, attributes };
  const sent = line.send({ ...how, type: 'payment.captured', to: 'orders' });
  if (isStuck) return;
  const inside = line.take(sent, { by: 'inventory', at: at + 100 });
  line.send({ by: 'inventory', type: 'stock.reserved', to: 'orders', at: at + 200, inside });
}

const partition = (each: number, isStuck: boolean): AttributeInputs => ({
  'messaging.destination.partition.id': String(isStuck ? 7 : each % 4),
  'tenant.id': `tenant ${each % 5}`,
});

function judged(
  stuck: (each: number) => boolean,
  attributes: (each: number, isStuck: boolean) => AttributeInputs,
) {
  const stage = staged(unlearned, (begin) => {
    for (let each = 1; each <= 60; each++) {
      const isStuck = stuck(each);
      const how = { attributes: attributes(each, isStuck), isStuck };
      paid(begin(each), each * SECOND, how);
    }
  });
  return judgedOnce(stage, 14 * MINUTE).find(({ rule }) => rule === 'stalled-run');
}

describe('what differs between the runs that a finding affects and those that passed the same place', () => {
  test('the partition: told with counts on both sides, and not the tenant', () => {
    const found = judged((each) => each % 9 === 0, partition);
    expect(found?.runsAffected).toBe(6);
    expect(found?.differs).toHaveLength(1);
    expect(found?.differs?.[0]).toMatchObject({
      attribute: 'partition',
      of: 'orders',
      value: '7',
      held: { count: 6, of: 6 },
      peers: { count: 0, of: 54 },
    });
    const texts = found?.evidence.map(({ text, value }) => `${text}: ${value ?? ''}`).join('\n');
    expect(texts).toContain(
      'what differs: partition of orders is 7: 6 of 6 held up, 0 of 54 that passed',
    );
  });

  test('the version that was deployed last, by its name rather than by its instances', () => {
    const found = judged(
      (each) => each > 54,
      (_, isStuck) => ({ 'throughline.event.version': isStuck ? '2' : '1' }),
    );
    expect(found?.differs?.map(({ attribute, of, value }) => [attribute, of, value])).toEqual([
      ['version', 'payment.captured', '2'],
    ]);
  });

  test('nothing, where they are like all others', () => {
    const found = judged(
      (each) => each % 9 === 0,
      (each) => partition(each, false),
    );
    expect(found?.runsAffected).toBe(6);
    expect(found?.differs).toBeUndefined();
  });

  test('runs that still wait within their time are no peers', () => {
    const stage = staged(unlearned, (begin) => {
      for (let each = 1; each <= 40; each++) {
        const isLate = each > 20;
        const at = isLate ? 14 * MINUTE - each * 100 : each * SECOND;
        const isStuck = each <= 4 || isLate;
        paid(begin(each), at, { attributes: partition(each, isStuck), isStuck });
      }
    });
    const found = judgedOnce(stage, 14 * MINUTE).find(({ rule }) => rule === 'stalled-run');
    expect(found?.differs?.[0]).toMatchObject({ held: { of: 4 }, peers: { count: 0, of: 16 } });
  });
});
