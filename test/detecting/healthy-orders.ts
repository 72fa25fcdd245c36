import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import type { Finding } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import type { Step } from '@throughline/model/step';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { Detector } from '../../collector/src/detect/detector.js';
import { LIMITS } from '../../collector/src/limits.js';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { stepsOf } from '../stitching/telling.js';
import { SECOND } from './acts.js';

export interface OrderDay {
  readonly seed: string;
  readonly orders: number;
  readonly everyMs: number;
  /** From this instant on inventory reads nothing. */
  readonly inventoryDiesAtMs?: number;
  /** Share of orders that the gift service packs: a choice, not a duty. */
  readonly giftShare?: number;
  /** Orders whose message the mailer never sees. */
  readonly mailLost?: ReadonlySet<number>;
  /** Share of spans that are lost on the way to the collector; of consumer spans unless said otherwise. */
  readonly lostShare?: number;
  readonly lostRoles?: 'takes' | 'all';
}

interface Arrival {
  readonly step: Step;
  readonly atMs: number;
}

/** Milliseconds around a median, with a long tail: the logarithm is normal. */
function jittered(chance: Seeded, medianMs: number): number {
  const normal =
    Math.sqrt(-2 * Math.log(1 - chance.fraction())) * Math.cos(6.283 * chance.fraction());
  return Math.round(medianMs * Math.exp(0.6 * normal));
}

/** Choreographed orders that nobody declared a flow of: shop → payments → inventory → shipping, and a mailer. */
function tellOrder(line: Storyline, number: number, day: OrderDay): void {
  const chance = seeded(`${day.seed}/${String(number)}`);
  const at = number * day.everyMs;
  const placed = line.send({ type: 'order.placed', to: 'orders', by: 'shop', at });
  const readByPayments = at + jittered(chance, 200);
  const payments = line.take(placed, { by: 'payments', at: readByPayments, takes: 80 });
  if (day.mailLost?.has(number) !== true) {
    line.take(placed, { by: 'mailer', at: at + jittered(chance, 400), takes: 20 });
  }
  if (chance.fraction() < (day.giftShare ?? 0)) {
    line.take(placed, { by: 'gifts', at: at + jittered(chance, 300), takes: 20 });
  }
  const paidAt = readByPayments + 40;
  const paying = { to: 'orders', by: 'payments', at: paidAt, inside: payments };
  if (chance.fraction() < 0.03) {
    const refused = line.send({ ...paying, type: 'payment.refused' });
    line.take(refused, { by: 'shop', at: paidAt + jittered(chance, 150) });
    return;
  }
  const paid = line.send({ ...paying, type: 'payment.captured' });
  const readAt = paidAt + jittered(chance, 500);
  if (readAt >= (day.inventoryDiesAtMs ?? Infinity)) return;
  const inventory = line.take(paid, { by: 'inventory', at: readAt, takes: 120 });
  const reserving = { to: 'orders', by: 'inventory', at: readAt + 100, inside: inventory };
  const stock = line.send({ ...reserving, type: 'stock.reserved' });
  line.take(stock, { by: 'shipping', at: readAt + 100 + jittered(chance, 700), takes: 60 });
}

function arrivalsOf(day: OrderDay): readonly Arrival[] {
  const spans = Array.from({ length: day.orders }, (_, number) => {
    const line = new Storyline({
      seed: `${day.seed}-${String(number)}`,
      startNs: STORY_START_NS,
      correlation: `ord-${String(number)}`,
      system: 'rabbitmq',
    });
    tellOrder(line, number, day);
    return line.spans;
  }).flat();
  const chance = seeded(`${day.seed}/arrivals`);
  const arrivals: Arrival[] = [];
  for (const step of stepsOf(spans)) {
    if (
      (step.role === 'take' || day.lostRoles === 'all') &&
      chance.fraction() < (day.lostShare ?? 0)
    )
      continue;
    const endMs = Number(step.endedAtNs - STORY_START_NS) / 1e6;
    arrivals.push({ step, atMs: endMs + 5_000 * chance.fraction() });
    if (chance.fraction() < 0.05) arrivals.push({ step, atMs: endMs + 9_000 * chance.fraction() });
  }
  return arrivals.sort((a, b) => a.atMs - b.atMs);
}

export interface Watched {
  readonly detector: Detector;
  readonly stitcher: Stitcher;
  /** Every finding that was ever opened, and when. */
  readonly opened: readonly { readonly finding: Finding; readonly atMs: number }[];
}

/** Lets the day happen: spans arrive up to 9 s late, out of order and some twice; every second is swept. */
export function watchOrders(day: OrderDay, policy: Policy, afterMs: number): Watched {
  const stitcher = new Stitcher({ keyPartnersMax: LIMITS.keyPartnersMax, flows: [] });
  const detector = new Detector(policy, new Map());
  const opened: { finding: Finding; atMs: number }[] = [];
  const arrivals = arrivalsOf(day);
  const endMs = day.orders * day.everyMs + afterMs;
  let next = 0;
  for (let atMs = 0; atMs <= endMs; atMs += SECOND) {
    const now = (STORY_START_NS + nsFromMs(atMs)) as UnixNs;
    const steps: Step[] = [];
    for (let each = arrivals[next]; each && each.atMs <= atMs; each = arrivals[next]) {
      steps.push(each.step);
      next += 1;
    }
    if (steps.length > 0) stitcher.add(steps, 1);
    const { changed, gone } = stitcher.takeChanges();
    for (const id of gone) detector.runGone(id);
    for (const id of changed) {
      const run = stitcher.run(id);
      if (run) detector.runChanged(run, contributionOf(run), now);
    }
    for (const finding of detector.sweep(now).opened) opened.push({ finding, atMs });
  }
  return { detector, stitcher, opened };
}
