import type { AlertView } from '@throughline/model/api/alerts';
import type { Page } from '@throughline/model/api/primitives';
import type { ManualClock } from '../support/manual-clock.js';
import type { OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

interface Running {
  readonly clock: ManualClock;
  readonly collector: OpenCollector;
}

/** Moves time on, second by second, and lets what is sent arrive. */
export async function letPass({ clock, collector }: Running, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1_000);
    const nowMs = Number(clock.now() / 1_000_000n);
    await until('nothing is on its way', async () => {
      const { items } = (await collector.get('/alerts/history')).body as Page<AlertView>;
      const next = items.flatMap(({ waiting: [first] }) => first?.nextTryAt ?? []);
      return next.every((at) => Date.parse(at) > nowMs);
    });
  }
}
