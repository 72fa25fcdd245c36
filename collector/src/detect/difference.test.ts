import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differencesOf } from './difference.js';

const trait = (attribute: string, value: string, of: string | null = null): string =>
  [attribute, of ?? '', value].join('\u0000');

/** Runs of which the given share has the trait; the rest has the same trait with another value. */
function cohort(count: number, share: number, value: string): readonly (readonly string[])[] {
  return Array.from({ length: count }, (_, each) => [
    trait('partition', each < share * count ? value : String(each % 6)),
    trait('service.version', '1.4.0', 'shop'),
    trait('tenant.id', `tenant ${each % 11}`),
  ]);
}

describe('what differs between runs that are held up and those that passed', () => {
  test('94 of 100 in partition 7, and 6 of 100 elsewhere: partition 7, first of all', () => {
    const [first] = differencesOf(cohort(100, 0.94, '7'), cohort(1_200, 0.06, '7'));
    expect(first).toMatchObject({
      attribute: 'partition',
      of: null,
      value: '7',
      held: { count: 94, of: 100 },
      peers: { count: 72, of: 1_200 },
    });
    expect(first?.chance).toBeLessThan(1e-50);
    expect(first?.testCount).toBe(19);
  });

  test('what all have is no difference, however sure', () => {
    const found = differencesOf(cohort(100, 0.94, '7'), cohort(1_200, 0.06, '7'));
    expect(found.map(({ attribute }) => attribute)).toEqual(['partition']);
  });

  test('too few runs, or too few peers, are not compared', () => {
    expect(differencesOf(cohort(2, 1, '7'), cohort(1_200, 0, '7'))).toEqual([]);
    expect(differencesOf(cohort(100, 1, '7'), cohort(9, 0, '7'))).toEqual([]);
  });

  test('three of three may be chance where many traits are compared, and is not where few are', () => {
    const held = [0, 1, 2].map(() => [trait('partition', '7')]);
    const peers = (kinds: number) =>
      Array.from({ length: 40 }, (_, each) => [
        trait('partition', String(each % 8 === 0 ? 7 : each % 3)),
        ...Array.from({ length: kinds }, (__, kind) => trait(`kind ${kind}`, String(each % 2))),
      ]);
    expect(differencesOf(held, peers(0)).map(({ value }) => value)).toEqual(['7']);
    const many = differencesOf(held, peers(40)).map(({ value }) => value);
    expect(many).toEqual([]);
  });

  test('a new version in new instances is told once', () => {
    const held = [1, 2, 3, 4, 5].map(() => [
      trait('service.instance.id', 'shop-9', 'shop'),
      trait('service.version', '2.0.0', 'shop'),
    ]);
    const peers = Array.from({ length: 50 }, () => [
      trait('service.instance.id', 'shop-1', 'shop'),
      trait('service.version', '1.4.0', 'shop'),
    ]);
    expect(differencesOf(held, peers)).toHaveLength(1);
  });

  test('where nothing differs, in one case of twenty at most something is said to', () => {
    const traits = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 });
    const runs = (size: number) => fc.array(traits, { minLength: size, maxLength: size });
    let said = 0;
    fc.assert(
      fc.property(runs(20), runs(200), (held, peers) => {
        const named = (all: readonly (readonly number[])[]) =>
          all.map((each) => each.map((value, at) => trait(`trait ${at}`, String(value))));
        if (differencesOf(named(held), named(peers)).length > 0) said += 1;
      }),
      { numRuns: 200, seed: 11 },
    );
    expect(said).toBeLessThanOrEqual(10);
  });
});
