import type {
  AlertHealthView,
  AlertPreviewView,
  AlertReceiverView,
  AlertView,
} from '@throughline/model/api/alerts';
import type { FindingView } from '@throughline/model/api/findings';
import type { Page } from '@throughline/model/api/primitives';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AlertReceiver, Config } from '../../collector/src/config/config.js';
import { openInbox, type Inbox } from '../support/inbox.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';
import { letPass } from './let-pass.js';
import { returnsPolicy, returnSpan } from './returns.js';

const START = 1_767_603_600_000_000_000n;
const ANY = { rule: null, workflow: null, service: null, severity: null };
const ROUTE = { match: ANY, forMs: 0, repeatMs: 0, groupBy: [], groupIntervalMs: 30_000 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Scene {
  readonly clock: ManualClock;
  readonly collector: OpenCollector;
  readonly inboxes: Readonly<Record<'team' | 'other', Inbox>>;
  /** Moves time on, second by second, and lets what is sent arrive. */
  pass(seconds: number): Promise<void>;
}

async function inbox(): Promise<Inbox> {
  const opened = await openInbox();
  closing.push(() => opened.close());
  return opened;
}

function receiver(name: string, kind: AlertReceiver['kind'], url: string): AlertReceiver {
  return { name, kind, target: url, secret: null, smtpUrl: null, from: null, url: null };
}

async function scene(alerts: Partial<Config['alerts']>): Promise<Scene> {
  const clock = manualClock(START);
  const inboxes = { team: await inbox(), other: await inbox() };
  const collector = await openCollector({
    clock,
    policy: returnsPolicy,
    change: (settings) => ({
      ...settings,
      alerts: {
        receivers: [
          receiver('team', 'webhook', `${inboxes.team.url}/team`),
          receiver('other', 'alertmanager', `${inboxes.other.url}/other`),
        ],
        routes: [
          { ...ROUTE, receiver: 'team' },
          { ...ROUTE, receiver: 'other' },
        ],
        allowPrivate: true,
        noData: [],
        heartbeat: null,
        ...alerts,
      },
    }),
  });
  closing.push(() => collector.close());
  return {
    clock,
    collector,
    inboxes,
    pass: (seconds) => letPass({ clock, collector }, seconds),
  };
}

/** What is saved and sent behind a sweep takes real time, though the clock stands still. */
function settled(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 10_000 });
}

async function health({ collector }: Scene): Promise<AlertHealthView> {
  return (await collector.get('/alerts/health')).body as AlertHealthView;
}

async function metric({ collector }: Scene, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return text
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.slice(name.length)
    .trim();
}

async function post({ collector }: Scene, path: string, body: unknown): Promise<Response> {
  return fetch(`${collector.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const heard = (from: Inbox): unknown[] => from.letters.map(({ body }) => body['status']);

describe('a service that is watched for silence', () => {
  it('is told as no data when it is silent, and as resolved when it is heard', async () => {
    const here = await scene({ noData: [{ kind: 'service', name: 'shop', forMs: 120_000 }] });
    const send = (number: number) =>
      here.collector.send([returnSpan('return.approved', { number, startNs: here.clock.now() })]);
    await here.collector.send([
      returnSpan('return.asked', { number: 9, startNs: here.clock.now() }),
      returnSpan('return.approved', { number: 9, startNs: here.clock.now() }),
    ]);
    await here.pass(30);
    // Somebody else does not count.
    await send(1);
    await here.pass(85);
    expect((await health(here)).state).toBe('ok');
    await here.pass(10);
    expect(await health(here)).toMatchObject({
      state: 'no-data',
      watches: [{ kind: 'service', name: 'shop', forMs: 120_000, state: 'no-data' }],
    });
    expect(heard(here.inboxes.team)).toEqual(['firing']);
    expect(here.inboxes.team.letters[0]?.body).toMatchObject({
      rule: 'no-data',
      sentence: 'shop has sent no span for 2 min: whether all is well there is not known.',
      url: `${here.collector.url}/alerts`,
    });
    const { items } = (await here.collector.get('/alerts')).body as Page<AlertView>;
    expect(items.map(({ state }) => state)).toEqual(['no-data', 'no-data']);
    expect(await metric(here, 'throughline_alerts{state="no-data"}')).toBe('2');
    expect(await metric(here, 'throughline_alert_no_data{kind="service",name="shop"}')).toBe('1');
    await here.collector.send([
      returnSpan('return.asked', { number: 2, startNs: here.clock.now() }),
      returnSpan('return.approved', { number: 2, startNs: here.clock.now() }),
    ]);
    await here.pass(3);
    expect(heard(here.inboxes.team)).toEqual(['firing', 'resolved']);
    // Each receiver is told of itself, though the alert has the same key for both.
    expect(heard(here.inboxes.other)).toEqual(['firing', 'resolved']);
    expect((await health(here)).state).toBe('ok');
  });
});

describe('a receiver that takes nothing', () => {
  it('is in the state error after five minutes, and the other one is told', async () => {
    const here = await scene({
      routes: [
        { ...ROUTE, receiver: 'team' },
        { ...ROUTE, receiver: 'other', match: { ...ANY, rule: 'error' } },
      ],
    });
    const { team, other } = here.inboxes;
    team.behave({ status: 500 });
    await here.collector.send([returnSpan('return.asked', { number: 1, startNs: START })]);
    await here.pass(75);
    const receivers = async () =>
      ((await here.collector.get('/alerts/receivers')).body as Page<AlertReceiverView>).items;
    await settled(async () => {
      expect((await receivers()).find(({ name }) => name === 'team')).toMatchObject({
        state: 'failing',
        waiting: 1,
      });
    });
    expect(heard(other)).toEqual([]);
    await here.pass(310);
    await settled(() => expect(heard(other)).toEqual(['firing']));
    const [{ labels, annotations } = { labels: {}, annotations: {} }] = other.letters[0]?.body[
      'alerts'
    ] as { labels: Record<string, string>; annotations: Record<string, string> }[];
    expect(labels['alertname']).toBe('error');
    expect(annotations['summary']).toContain('The receiver team has not taken what it was sent');
    await settled(async () => {
      expect(await health(here)).toMatchObject({ state: 'error', failingReceivers: ['team'] });
    });
    const standing = (await receivers()).find(({ name }) => name === 'team');
    expect(standing).toMatchObject({ state: 'error', waiting: 1 });
    expect(standing?.failures).toBe(standing?.attempts);
    expect(await metric(here, 'throughline_alert_receiver_error{receiver="team"}')).toBe('1');
    expect(await metric(here, 'throughline_alert_failures_total{receiver="team"}')).toBe(
      String(standing?.failures),
    );
    const age = await metric(here, 'throughline_alert_oldest_waiting_seconds{receiver="team"}');
    expect(Number(age)).toBeGreaterThanOrEqual(300);

    team.behave({ status: 200 });
    // By now it is tried every ten minutes or so.
    await here.pass(1_200);
    await settled(() => expect(heard(other)).toEqual(['firing', 'resolved']));
    await settled(async () => {
      expect(await health(here)).toMatchObject({ state: 'ok', failingReceivers: [] });
    });
  });
});

describe('a heartbeat', () => {
  it('arrives at an address once a period, and at an Alertmanager receiver as the watchdog', async () => {
    const watchdog = await inbox();
    const url = `${watchdog.url}/ping`;
    const here = await scene({ routes: [], heartbeat: { to: { url }, everyMs: 60_000 } });
    await here.pass(125);
    await until('all came', () => watchdog.letters.length === 3);
    expect(watchdog.letters[0]).toMatchObject({ path: '/ping', body: { type: 'heartbeat' } });
    const sentMs = watchdog.letters.map(({ body }) => Date.parse(String(body['timestamp'])));
    expect(sentMs.map((at) => at - (sentMs[0] ?? 0))).toEqual([0, 60_000, 120_000]);
    expect((await health(here)).heartbeat).toMatchObject({ state: 'ok', sent: 3 });
    expect(await metric(here, 'throughline_alert_heartbeats_total{outcome="sent"}')).toBe('3');

    const there = await scene({
      routes: [],
      heartbeat: { to: { receiver: 'other' }, everyMs: 60_000 },
    });
    await there.pass(2);
    await until('it came', () => there.inboxes.other.letters.length === 1);
    expect(there.inboxes.other.letters[0]?.body).toMatchObject({
      version: '4',
      status: 'firing',
      commonLabels: { alertname: 'Watchdog' },
    });
    there.inboxes.other.behave({ status: 404 });
    await there.pass(60);
    await until('it is known', async () => (await health(there)).state === 'error');
    expect((await health(there)).heartbeat).toMatchObject({ state: 'failing', failed: 1 });
  });

  it('to an address in one’s own network is refused unless it is allowed', async () => {
    const heartbeat = { to: { url: 'http://127.0.0.1:1/x' }, everyMs: 60_000 };
    await expect(
      scene({ receivers: [], routes: [], allowPrivate: false, heartbeat }),
    ).rejects.toThrow(/alerts\.heartbeat: 127\.0\.0\.1 is not a public address/);
  });
});

describe('a snooze until so many runs are affected', () => {
  it('is quiet until then, and told then', async () => {
    const here = await scene({ routes: [{ ...ROUTE, receiver: 'team' }] });
    const ask = (number: number) =>
      here.collector.send([returnSpan('return.asked', { number, startNs: here.clock.now() })]);
    await ask(1);
    await here.pass(75);
    expect(heard(here.inboxes.team)).toEqual(['firing']);
    const { items } = (await here.collector.get('/findings')).body as Page<FindingView>;
    const path = `/findings/${items[0]?.id ?? ''}/snooze`;
    expect((await post(here, path, {})).status).toBe(400);
    const few = await post(here, path, { untilRuns: 1 });
    expect(((await few.json()) as { detail: string }).detail).toContain(
      'it affects 1 runs already',
    );
    const taken = await post(here, path, { untilRuns: 3, note: 'known' });
    expect(await taken.json()).toMatchObject({ snoozedUntil: null, snoozedUntilRuns: 3 });
    await ask(2);
    await here.pass(90);
    const states = async () =>
      ((await here.collector.get('/alerts')).body as Page<AlertView>).items.map(
        ({ state }) => state,
      );
    expect(await states()).toEqual(['snoozed']);
    expect(heard(here.inboxes.team)).toHaveLength(1);
    await ask(3);
    await here.pass(90);
    expect(await states()).toEqual(['firing']);
    expect(heard(here.inboxes.team)).toEqual(['firing', 'firing']);
    expect(here.inboxes.team.letters[1]?.body['runsAffected']).toBe(3);
  });
});

describe('a preview of a route', () => {
  it('says what it would have told, and how far findings are remembered', async () => {
    const here = await scene({ receivers: [], routes: [] });
    const preview = async (query: string) => {
      const { body, status } = await here.collector.get(`/alerts/preview?${query}`);
      expect(status).toBe(200);
      return body as AlertPreviewView;
    };
    await here.pass(1);
    for (let number = 1; number <= 2; number += 1) {
      const startNs = here.clock.now();
      await here.collector.send([returnSpan('return.asked', { number, startNs })]);
      here.clock.advance(135_000);
      const answered = returnSpan('return.approved', { number, startNs: here.clock.now() });
      await here.collector.send([answered]);
      await here.collector.get('/runs');
      here.clock.advance(1_600_000);
    }
    const all = await preview('rule=stalled-run&for=30s&window=57m');
    expect(all).toMatchObject({ fired: 2, notices: 4, tooShort: 0, isComplete: true });
    expect(all.sentence).toBe('It would have fired 2 times in 57 min.');
    expect(all.items[0]).toMatchObject({ rule: 'stalled-run', workflow: 'returns' });
    expect(all.items[0]?.sentence).toContain('returns-desk has not read it');
    const [newest, oldest] = all.items;
    expect(Date.parse(newest?.firedAt ?? '')).toBeGreaterThan(Date.parse(oldest?.firedAt ?? ''));
    expect(await preview('rule=stalled-run&for=10m&window=57m')).toMatchObject({
      fired: 0,
      tooShort: 2,
    });
    expect((await preview('workflow=billing&window=57m')).fired).toBe(0);
    const far = await preview('window=24h');
    expect(far.isComplete).toBe(false);
    expect(far.sentence).toMatch(/Findings are remembered for the last 57 min only\.$/);
    const bad = await here.collector.get('/alerts/preview?for=long');
    expect(bad.status).toBe(400);
  });
});
