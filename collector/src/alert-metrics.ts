import { ALERT_STATES } from '@throughline/model/alert';
import { msFromNs } from '@throughline/model/time';
import type { Alerter } from './alert/alerter.js';
import { stateOf } from './alert/alert-record.js';
import type { Heartbeat } from './alert/heartbeat.js';
import type { NoDataWatch } from './alert/no-data-watch.js';
import type { Clock } from './clock.js';
import type { MetricReading, ReadMetric } from './metrics.js';

export interface AlertMetricSources {
  readonly alerter: Alerter;
  readonly heartbeat: Heartbeat | null;
  readonly watch: NoDataWatch;
  readonly clock: Clock;
  /** Names of receivers: as many as are configured. */
  readonly receivers: readonly string[];
}

/** Whether people are told, for whoever watches the watcher. */
export function alertMetrics(sources: AlertMetricSources): readonly ReadMetric[] {
  const { heartbeat } = sources;
  return [
    ...stateMetrics(sources),
    ...receiverMetrics(sources),
    ...evaluationMetrics(sources),
    ...(heartbeat === null ? [] : [heartbeats(heartbeat)]),
  ];
}

function stateMetrics({ alerter, watch, clock }: AlertMetricSources): readonly ReadMetric[] {
  return [
    {
      kind: 'gauge',
      name: 'alerts',
      help: 'Alerts that hold, by state; no-data and error are states of their own',
      labelNames: ['state'],
      read() {
        const states = alerter.alerts().map(stateOf);
        return ALERT_STATES.filter((state) => state !== 'resolved').map((state) => ({
          labels: { state },
          value: states.filter((each) => each === state).length,
        }));
      },
    },
    {
      kind: 'gauge',
      name: 'alert_no_data',
      help: '1 for what is to send spans and has been silent for too long',
      labelNames: ['kind', 'name'],
      read: () =>
        watch.states(clock.now()).map(({ kind, name, state }) => ({
          labels: { kind, name },
          value: Number(state === 'no-data'),
        })),
    },
  ];
}

type Health = ReturnType<Alerter['health']>;

function receiverMetrics(sources: AlertMetricSources): readonly ReadMetric[] {
  const { alerter, receivers, clock } = sources;
  const of = (name: string, help: string, read: (health: Health) => number): ReadMetric => ({
    kind: name.endsWith('_total') ? 'counter' : 'gauge',
    name: `alert_${name}`,
    help,
    labelNames: ['receiver'],
    read: (): readonly MetricReading[] =>
      receivers.map((receiver) => ({
        labels: { receiver },
        value: read(alerter.health(receiver)),
      })),
  });
  const waitedS = ({ oldestWaitingNs }: Health): number =>
    oldestWaitingNs === null ? 0 : msFromNs(clock.now() - oldestWaitingNs) / 1_000;
  return [
    of('attempts_total', 'Messages sent to a receiver, taken or not', (one) => one.attempts),
    of('failures_total', 'Messages that a receiver did not take', (one) => one.failures),
    of('waiting', 'Notices that wait to be taken', (one) => one.waiting),
    of('given_up', 'Notices given up, of the alerts that are remembered', (one) => one.givenUp),
    of('oldest_waiting_seconds', 'Age of the oldest notice that waits, 0 when none does', waitedS),
    of('receiver_error', '1 when a receiver takes nothing for long, or one was given up', (one) =>
      Number(one.state === 'error'),
    ),
  ];
}

function evaluationMetrics({ alerter }: AlertMetricSources): readonly ReadMetric[] {
  return [
    {
      kind: 'counter',
      name: 'alert_evaluations_total',
      help: 'How often findings were compared with alerts, and whether all of them could be',
      labelNames: ['outcome'],
      read() {
        const { runs, failures } = alerter.evaluation();
        return [
          { labels: { outcome: 'ok' }, value: runs - failures },
          { labels: { outcome: 'error' }, value: failures },
        ];
      },
    },
    {
      kind: 'gauge',
      name: 'alert_evaluated_timestamp_seconds',
      help: 'When all findings were last compared with alerts',
      labelNames: [],
      read() {
        const { lastRanAtNs } = alerter.evaluation();
        return [{ labels: {}, value: lastRanAtNs === null ? 0 : msFromNs(lastRanAtNs) / 1_000 }];
      },
    },
  ];
}

function heartbeats(heartbeat: Heartbeat): ReadMetric {
  return {
    kind: 'counter',
    name: 'alert_heartbeats_total',
    help: 'Signs of life that were due, and what became of them',
    labelNames: ['outcome'],
    read() {
      const { sent, failed, withheld } = heartbeat.state();
      return Object.entries({ sent, failed, withheld }).map(([outcome, value]) => ({
        labels: { outcome },
        value,
      }));
    },
  };
}
