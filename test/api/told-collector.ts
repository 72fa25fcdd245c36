import { flow, policy } from '@throughline/fixtures/build/policy';
import { span } from '@throughline/fixtures/build/span';
import { deadLetters } from '@throughline/fixtures/scenarios/dead-letters';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { missingConsumer } from '@throughline/fixtures/scenarios/missing-consumer';
import { stalledAfterPayment } from '@throughline/fixtures/scenarios/stalled-after-payment';
import type { Page } from '@throughline/model/api/primitives';
import type { RunItem } from '@throughline/model/api/runs';
import type { UnixNs } from '@throughline/model/time';
import { expect } from 'vitest';
import { manualClock } from '../support/manual-clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

const START = 1_767_603_600_000_000_000n;
const QUARTER_MS = 900_000;
/** The trace of a lone span with attributes of every kind, at 2026-01-05T09:00:00.123456789Z, 5 ms long. */
export const LONE_TRACE = '0af7651916cd43dd8448eb211c80319c';

export interface ToldCollector extends OpenCollector {
  /** GET below `/api/v1` that must succeed. */
  ask<T>(path: string): Promise<T>;
  runs(query: string): Promise<RunItem[]>;
}

/** A collector that was told four stories, a quarter of an hour apart, and of a workflow that never ran. */
export async function toldCollector(): Promise<ToldCollector> {
  const clock = manualClock(START);
  const stories = [happyOrder, stalledAfterPayment, missingConsumer, deadLetters];
  const declared = flow({
    workflow: 'returns',
    startsWith: 'return.asked',
    expects: [
      { after: 'return.asked', event: 'return.approved', by: 'returns-desk', withinMs: 60_000 },
    ],
  });
  const collector = await openCollector({
    clock,
    policy: policy({ flows: [...stalledAfterPayment.policy.flows, declared] }),
  });
  for (const [index, story] of stories.entries()) {
    const startNs = START + BigInt(index * QUARTER_MS) * 1_000_000n;
    await collector.send(story.tell(story.name, startNs as UnixNs).spans);
  }
  await collector.send([loneSpan()]);
  clock.advance(stories.length * QUARTER_MS);
  const ask = async <T>(path: string): Promise<T> => {
    const { status, body } = await collector.get(path);
    expect(status, path).toBe(200);
    return body as T;
  };
  return {
    ...collector,
    ask,
    runs: async (query) => (await ask<Page<RunItem>>(`/runs?${query}`)).items,
  };
}

function loneSpan() {
  return span({
    traceId: LONE_TRACE,
    spanId: '00f067aa0ba902b7',
    service: 'numbers',
    name: 'count',
    startNs: START + 123_456_789n,
    attributes: { big: 9_223_372_036_854_775_807n, small: 7, list: ['a', 'b'] },
  });
}
