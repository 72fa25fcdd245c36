import { createHmac } from 'node:crypto';
import type { AlertReceiverView, AlertView, SilenceView } from '@throughline/model/api/alerts';
import type { FindingView } from '@throughline/model/api/findings';
import type { Page } from '@throughline/model/api/primitives';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertReceiver, AlertRoute, Config } from '../../collector/src/config/config.js';
import { openInbox, type Inbox } from '../support/inbox.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';
import { letPass } from './let-pass.js';
import { returnsPolicy, returnSpan } from './returns.js';

const START = 1_767_603_600_000_000_000n;
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Scene {
  readonly clock: ManualClock;
  readonly inbox: Inbox;
  readonly collector: OpenCollector;
  /** Moves time on, second by second, and lets what is sent arrive. */
  pass(seconds: number): Promise<void>;
}

function webhookTo(url: string): AlertReceiver {
  const none = { smtpUrl: null, from: null, url: null };
  return { name: 'team', kind: 'webhook', target: `${url}/hook`, secret: SECRET, ...none };
}

const STALLED = { rule: 'stalled-run', workflow: null, service: null, severity: null } as const;

const ROUTE = { receiver: 'team', forMs: 0, repeatMs: 0, groupBy: [], groupIntervalMs: 30_000 };

async function scene(
  route: Partial<AlertRoute> = {},
  allowPrivate: Config['alerts']['allowPrivate'] = true,
): Promise<Scene> {
  const clock = manualClock(START);
  const inbox = await openInbox();
  closing.push(() => inbox.close());
  const collector = await openCollector({
    clock,
    policy: returnsPolicy,
    change: (settings) => ({
      ...settings,
      alerts: {
        receivers: [webhookTo(inbox.url)],
        routes: [{ ...ROUTE, match: STALLED, ...route }],
        allowPrivate,
        noData: [],
        heartbeat: null,
      },
    }),
  });
  closing.push(() => collector.close());
  return {
    clock,
    inbox,
    collector,
    pass: (seconds) => letPass({ clock, collector }, seconds),
  };
}

async function alerts(collector: OpenCollector, path = '/alerts'): Promise<AlertView[]> {
  return ((await collector.get(path)).body as Page<AlertView>).items;
}

async function post(collector: OpenCollector, path: string, body?: unknown) {
  return fetch(`${collector.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function ask({ collector, clock }: Scene, number = 1): Promise<void> {
  await collector.send([returnSpan('return.asked', { number, startNs: clock.now() })]);
}

async function approve({ collector, clock }: Scene, number = 1): Promise<void> {
  await collector.send([returnSpan('return.approved', { number, startNs: clock.now() })]);
  // A reader has the run assembled at once.
  await collector.get('/runs');
}

const kinds = ({ inbox }: Scene): unknown[] => inbox.letters.map(({ body }) => body['status']);

describe('a finding that opens and closes', () => {
  it('is told to the receiver once, signed, with the link to its page, and once more when it is over', async () => {
    const here = await scene();
    await ask(here);
    await here.pass(60);
    expect(kinds(here)).toEqual([]);
    await here.pass(12);
    expect(kinds(here)).toEqual(['firing']);
    const { items } = (await here.collector.get('/findings')).body as Page<FindingView>;
    const [finding] = items;
    const [{ headers, text, body } = never()] = here.inbox.letters;
    expect(body).toMatchObject({
      type: 'finding.firing',
      id: finding?.id,
      rule: finding?.rule,
      subject: finding?.subject,
      runIds: finding?.runIds,
      url: `${here.collector.url}/findings/${finding?.id ?? ''}`,
      endsAt: null,
    });
    expect(body['sentence']).toContain('after return.asked; returns-desk has not read it');
    const id = String(headers['webhook-id']);
    const time = String(headers['webhook-timestamp']);
    const digest = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
      .update(`${id}.${time}.${text}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${digest}`);

    await approve(here);
    await here.pass(2);
    expect(kinds(here)).toEqual(['firing', 'resolved']);
    const [firing, resolved] = here.inbox.letters;
    expect(resolved?.body['dedupKey']).toBe(firing?.body['dedupKey']);
    expect(resolved?.body['state']).toBe('closed');
    expect(resolved?.headers['webhook-id']).not.toBe(id);
    await here.pass(120);
    expect(kinds(here)).toHaveLength(2);
    expect(await alerts(here.collector)).toEqual([]);
    const [past] = await alerts(here.collector, '/alerts/history');
    expect(past).toMatchObject({ state: 'resolved', receiver: 'team', waiting: [] });
    expect(past?.deliveries.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'firing delivered',
      'resolved delivered',
    ]);
  });

  it('is pending for as long as its route asks, and nobody hears of it when it is over before', async () => {
    const here = await scene({ forMs: 120_000 });
    await ask(here);
    await here.pass(75);
    expect((await alerts(here.collector)).map(({ state }) => state)).toEqual(['pending']);
    await approve(here);
    await here.pass(130);
    expect(kinds(here)).toEqual([]);
    expect(await alerts(here.collector)).toEqual([]);
    await ask(here, 2);
    await here.pass(195);
    expect(kinds(here)).toEqual(['firing']);
  });

  it('is one alert for one cause, however many runs it affects', async () => {
    const here = await scene();
    for (let number = 1; number <= 20; number += 1) await ask(here, number);
    await here.pass(80);
    expect(kinds(here)).toEqual(['firing']);
    expect(here.inbox.letters[0]?.body['runsAffected']).toBe(20);
  });

  it('is told again when its route says so, until somebody acknowledges it', async () => {
    const here = await scene({ repeatMs: 60_000 });
    await ask(here);
    await here.pass(75);
    const [alert] = await alerts(here.collector);
    await here.pass(125);
    expect(kinds(here)).toEqual(['firing', 'firing', 'firing']);
    await post(here.collector, `/findings/${alert?.finding.id ?? ''}/acknowledge`, {});
    await here.pass(130);
    expect(kinds(here)).toHaveLength(3);
    expect((await alerts(here.collector))[0]?.state).toBe('acknowledged');
    await approve(here);
    await here.pass(2);
    expect(kinds(here).at(-1)).toBe('resolved');
    expect(new Set(here.inbox.letters.map(({ body }) => body['dedupKey'])).size).toBe(1);
    expect(new Set(here.inbox.letters.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
  });

  it('goes to nobody whose route does not match', async () => {
    const here = await scene({ match: { ...STALLED, workflow: 'billing' } });
    await ask(here);
    await here.pass(80);
    expect(kinds(here)).toEqual([]);
  });
});

function never(): never {
  throw new Error('There is no letter');
}

describe('a receiver', () => {
  it('that is down gets every notice when it is back, with the same id, firing before resolved', async () => {
    const here = await scene();
    here.inbox.behave({ status: 503 });
    await ask(here);
    await here.pass(75);
    const [alert] = await alerts(here.collector);
    expect(alert?.waiting[0]).toMatchObject({ kind: 'firing' });
    expect(alert?.waiting[0]?.attempts).toBeGreaterThan(1);
    expect(alert?.waiting[0]?.lastError).toContain('answered 503: thank you');
    await approve(here);
    await here.pass(5);
    here.inbox.behave({ status: 204 });
    const heard = here.inbox.letters.length;
    await here.pass(60);
    expect(kinds(here).slice(heard)).toEqual(['firing', 'resolved']);
    const firing = here.inbox.letters.filter(({ body }) => body['status'] === 'firing');
    expect(new Set(firing.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(firing.map(({ text }) => text)).size).toBe(1);
  });

  it('that names a time is not asked before it', async () => {
    const here = await scene();
    here.inbox.behave({ status: 429, headers: { 'retry-after': '300' } });
    await ask(here);
    await here.pass(72);
    const heard = here.inbox.letters.length;
    expect(heard).toBe(1);
    await here.pass(290);
    expect(here.inbox.letters).toHaveLength(heard);
    await here.pass(15);
    expect(here.inbox.letters).toHaveLength(heard + 1);
  });

  it(
    'that never answers is given up after a day, and is told of no end',
    { timeout: 90_000 },
    async () => {
      const here = await scene();
      here.inbox.behave({ status: 500 });
      await ask(here);
      await here.pass(75);
      await approve(here);
      await until(
        'it is given up',
        async () => {
          here.clock.advance(900_000);
          return (await alerts(here.collector, '/alerts/history'))[0]?.deliveries.length === 2;
        },
        // A day is 86,400 sweeps.
        { everyMs: 5, withinMs: 80_000 },
      );
      const [past] = await alerts(here.collector, '/alerts/history');
      expect(past?.waiting).toEqual([]);
      expect(past?.deliveries.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
        'firing gave-up',
        'resolved gave-up',
      ]);
      expect(kinds(here)).not.toContain('resolved');
      expect(kinds(here).length).toBeGreaterThan(20);
      const waitedMs = Number(here.clock.now() - START) / 1e6;
      expect(waitedMs).toBeGreaterThan(24 * 3_600_000);
      expect(waitedMs).toBeLessThan(27 * 3_600_000);
    },
  );

  it('is tried out on demand, past the outbox, and says what it answered', async () => {
    const here = await scene();
    const good = await post(here.collector, '/alerts/receivers/team/test');
    expect(good.status).toBe(200);
    expect(here.inbox.letters[0]?.body['sentence']).toContain('test of the receiver "team"');
    here.inbox.behave({ status: 302, headers: { location: `${here.inbox.url}/elsewhere` } });
    const moved = await post(here.collector, '/alerts/receivers/team/test');
    expect(moved.status).toBe(502);
    expect(((await moved.json()) as { detail: string }).detail).toContain('are not followed');
    expect(here.inbox.letters.map(({ path }) => path)).toEqual(['/hook', '/hook']);
    expect((await post(here.collector, '/alerts/receivers/nobody/test')).status).toBe(404);
    const { items } = (await here.collector.get('/alerts/receivers'))
      .body as Page<AlertReceiverView>;
    expect(items).toEqual([
      {
        name: 'team',
        kind: 'webhook',
        state: 'ok',
        failingSince: null,
        routes: 1,
        waiting: 0,
        oldestWaitingAt: null,
        attempts: 2,
        failures: 1,
        givenUp: 0,
        lastDeliveredAt: null,
        lastError: null,
      },
    ]);
  });

  it('at a private address is refused at the start unless the configuration allows it', async () => {
    await expect(scene({}, false)).rejects.toThrow(/127\.0\.0\.1 is not a public address/);
    await expect(scene({}, ['other.example'])).rejects.toThrow(/allow_private/);
    await expect(scene({}, ['127.0.0.1'])).resolves.toBeDefined();
  });
});

describe('a silence', () => {
  it('keeps what it matches quiet until it ends', async () => {
    const here = await scene();
    const match = { service: 'returns-desk' };
    const made = await post(here.collector, '/alerts/silences', { match, for: '3m' });
    expect(made.status).toBe(200);
    const silence = (await made.json()) as SilenceView;
    await ask(here);
    await here.pass(150);
    expect(kinds(here)).toEqual([]);
    expect((await alerts(here.collector))[0]?.state).toBe('silenced');
    const { items } = (await here.collector.get('/alerts/silences')).body as Page<SilenceView>;
    expect(items).toEqual([silence]);
    await here.pass(35);
    expect(kinds(here)).toEqual(['firing']);
    expect((await here.collector.get('/alerts/silences')).body).toEqual({ items: [], next: null });
  });

  it('can be ended early, and must match something', async () => {
    const here = await scene();
    const body = { match: { rule: 'stalled-run' }, for: '1h', note: 'maintenance' };
    const made = (await (await post(here.collector, '/alerts/silences', body)).json()) as {
      id: string;
    };
    const remove = () =>
      fetch(`${here.collector.url}/api/v1/alerts/silences/${made.id}`, { method: 'DELETE' });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(404);
    const nothing = await post(here.collector, '/alerts/silences', { match: {}, for: '1h' });
    expect(nothing.status).toBe(400);
  });
});
