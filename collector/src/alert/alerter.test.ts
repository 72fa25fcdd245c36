import { describe, expect, it } from 'vitest';
import type { AlertCause } from '@throughline/model/alert';
import type { AlertFindingView } from '@throughline/model/api/alerts';
import type { UnixNs } from '@throughline/model/time';
import { manualClock } from '../../../test/support/manual-clock.js';
import { until } from '../../../test/support/until.js';
import { Alerter } from './alerter.js';
import type { Receiver } from './message.js';

/** A store whose writes settle when it is told so, in their order. */
function slowStore() {
  const waiting: (() => void)[] = [];
  const write = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return {
    waiting,
    store: { records: () => new Map(), putRecord: write, deleteRecord: write },
  };
}

const finding = {
  id: 'f_1',
  rule: 'stalled-run',
  state: 'open',
  openedAtNs: 1n as UnixNs,
  snoozedUntilNs: null,
  snoozedUntilRuns: null,
} as unknown as AlertCause;
const route = {
  match: { rule: null, workflow: null, service: null, severity: null },
  receiver: 'team',
  forMs: 0,
  repeatMs: 0,
  groupBy: [],
  groupIntervalMs: 0,
};

describe('a notice that was taken', () => {
  it('waits until its receipt is durable: a collector killed before that sends it again', async () => {
    const { store, waiting } = slowStore();
    const sent: string[] = [];
    const receiver: Receiver = {
      name: 'team',
      kind: 'stdout',
      send: ({ id }) => Promise.resolve(void sent.push(id)),
    };
    const alerter = new Alerter({
      store,
      clock: manualClock(),
      causes: () => [finding],
      viewOf: ({ id }) => ({ id }) as AlertFindingView,
      receivers: new Map([['team', receiver]]),
      routes: [route],
      baseUrl: () => 'http://127.0.0.1/',
      chance: () => 0,
      report: (text) => expect.fail(text),
    });
    alerter.sweep();
    await until('the decision is being written', () => waiting.length === 1);
    expect(sent).toEqual([]);
    waiting.shift()?.();
    await until('it is sent, and its receipt is being written', () => waiting.length === 1);
    expect(sent).toHaveLength(1);
    expect(alerter.alerts()[0]).toMatchObject({ waiting: [{ id: sent[0] }], deliveries: [] });
    waiting.shift()?.();
    await until('nothing waits', () => alerter.alerts()[0]?.waiting.length === 0);
    expect(alerter.alerts()[0]?.deliveries).toMatchObject([{ id: sent[0], outcome: 'delivered' }]);
    expect(sent).toHaveLength(1);
  });
});
