import { policy } from '@throughline/fixtures/build/policy';
import type { Finding } from '@throughline/model/finding';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { keyOf, runsOf, truth } from '../recorded/recording.js';

const LAST_END_NS = 1_795_171_313_274_873_323n;

function findingsOf(runs: readonly Run[], now: bigint): readonly Finding[] {
  const detector = new Detector(policy(), new Map());
  for (const run of runs) detector.runChanged(run, contributionOf(run), now as UnixNs);
  detector.sweep(now as UnixNs);
  return detector.findings();
}

test('a real RabbitMQ order flow holds two dead letters, and nothing else is wrong with it', () => {
  const told = truth<{ dead_lettered_runs: string[]; stalled_runs: string[] }>(
    'live/rabbitmq/truth.json',
  );
  const runs = runsOf('live/rabbitmq/spans.json.gz');
  const findings = findingsOf(runs, LAST_END_NS + 3_600_000_000_000n);
  expect(findings.map(({ rule }) => rule)).toEqual(['dead-letter-backlog']);
  const [backlog] = findings;
  const names = backlog?.runIds.map((id) => {
    const run = runs.find((each) => each.id === id);
    return run && keyOf(run, 'correlation');
  });
  expect(names?.sort()).toEqual(told.dead_lettered_runs);
  expect(backlog?.sentence).toContain('dlx holds 2 messages');
  expect(backlog?.evidence[0]?.value).toBe(2);
});

test('a fault-free minute of Train Ticket has no finding', () => {
  const runs = runsOf('microservices/trainticket-1139.json.gz');
  expect(findingsOf(runs, LAST_END_NS)).toEqual([]);
});
