import { seeded } from '@throughline/fixtures/build/seeded';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { SECOND } from './acts.js';
import { atMs, feed, openOf, staged, type Stage } from './stage.js';

const COUNTRIES = ['DE', 'FR', 'IT', 'ES'];
const ORDERS = 800;
const END = atMs(2 * ORDERS * SECOND);

interface Day {
  /** Countries whose orders customs looks at. */
  readonly customs: ReadonlySet<string>;
  /** Of the others, the share that customs looks at all the same. */
  readonly chance?: number;
  /** DE orders that customs never saw. */
  readonly lost?: ReadonlySet<number>;
  readonly countryOf?: (number: number) => string;
  readonly orders?: number;
}

function tell(line: Storyline, number: number, day: Day): void {
  const luck = seeded(`customs/${String(number)}`);
  const country = day.countryOf?.(number) ?? (COUNTRIES[number % 4] as string);
  const at = number * SECOND;
  const attributes = {
    'shop.country': country,
    'shop.channel': luck.fraction() < 0.5 ? 'web' : 'store',
    'shop.basket': `b-${String(number)}`,
    'http.request.method': country === 'DE' ? 'POST' : 'PUT',
  };
  const placed = line.send({ type: 'order.placed', to: 'orders', by: 'shop', at, attributes });
  line.take(placed, { by: 'payments', at: at + 200, takes: 50 });
  const isWanted = day.customs.has(country) || luck.fraction() < (day.chance ?? 0);
  if (isWanted && day.lost?.has(number) !== true) {
    line.take(placed, { by: 'customs', at: at + 300, takes: 50 });
  }
}

function stageOf(day: Day): Stage {
  return staged({}, (begin) => {
    for (let number = 0; number < (day.orders ?? ORDERS); number += 1)
      tell(begin(number), number, day);
  });
}

function judged({ policy, runs }: Stage, order = runs): Detector {
  const detector = new Detector(policy, new Map());
  feed(detector, order, END);
  detector.sweep(END);
  return detector;
}

function customsOf(detector: Detector) {
  return detector.reactions('order.placed').find(({ by }) => by === 'customs');
}

function missing(detector: Detector) {
  return openOf(detector).filter(
    ({ rule, where }) => rule === 'stalled-run' && where === 'order.placed → customs',
  );
}

const onlyGermany: Day = { customs: new Set(['DE']) };

describe('a service that reacts to the orders of one country only', () => {
  test('is learned with the country, and awaited nowhere else', () => {
    const detector = judged(stageOf(onlyGermany));
    expect(customsOf(detector)).toMatchObject({
      state: 'learned',
      share: 1,
      shareOfAll: expect.closeTo(0.25, 2) as number,
      condition: { attribute: 'shop.country', values: ['DE'], isExcluding: false },
      conditionText: 'shop.country = DE',
    });
    expect(openOf(detector)).toEqual([]);
  });

  test('is missed where it left one of them out, and says under which condition', () => {
    const [lost] = [700].filter((number) => COUNTRIES[number % 4] === 'DE');
    const detector = judged(stageOf({ ...onlyGermany, lost: new Set([lost as number]) }));
    const [finding, ...others] = missing(detector);
    expect(others).toEqual([]);
    expect(finding?.runsAffected).toBe(1);
    const [promise] = detector
      .openPromises(finding?.runIds[0] as never)
      .filter(({ by }) => by === 'customs');
    expect(promise?.condition).toBe('shop.country = DE');
  });

  test('is missed at once when it stops, by its own orders alone', () => {
    const lost = new Set(Array.from({ length: ORDERS }, (_, at) => at).filter((at) => at > 740));
    const [finding] = missing(judged(stageOf({ ...onlyGermany, lost })));
    expect(finding?.runsAffected).toBe([...lost].filter((at) => at % 4 === 0).length);
  });

  test('is learned the same in whatever order the runs came', () => {
    const stage = stageOf(onlyGermany);
    const first = JSON.stringify(customsOf(judged(stage)));
    const { runs } = stage;
    fc.assert(
      fc.property(fc.shuffledSubarray([...runs], { minLength: runs.length }), (order) => {
        expect(JSON.stringify(customsOf(judged(stage, order)))).toBe(first);
      }),
      { numRuns: 3 },
    );
  });
});

test('a service that reacts everywhere but in one country is awaited everywhere but there', () => {
  // Rare enough that the reaction is all but certain without the country, too.
  const countryOf = (number: number) =>
    number % 55 === 0 ? 'CH' : (COUNTRIES[number % 4] as string);
  const day = { customs: new Set(COUNTRIES), countryOf, lost: new Set([1101]), orders: 1200 };
  const detector = judged(stageOf(day));
  expect(customsOf(detector)?.conditionText).toBe('shop.country ≠ CH');
  expect(missing(detector).map(({ runsAffected }) => runsAffected)).toEqual([1]);
});

test('what chance decides is explained by no attribute, and stays uncertain', () => {
  const detector = judged(stageOf({ customs: new Set(), chance: 0.9 }));
  expect(customsOf(detector)).toMatchObject({ state: 'uncertain', condition: null });
  expect(missing(detector)).toEqual([]);
});

test('an outage is no habit of the country that it fell upon', () => {
  // From order 300 on all orders are Swiss for a while, and customs is down just then.
  const swiss = new Set(Array.from({ length: 30 }, (_, at) => 300 + at));
  const countryOf = (number: number) =>
    swiss.has(number) ? 'CH' : (COUNTRIES[number % 4] as string);
  const day = { customs: new Set([...COUNTRIES, 'CH']), countryOf, lost: swiss };
  expect(customsOf(judged(stageOf(day)))?.condition ?? null).toBeNull();
});
