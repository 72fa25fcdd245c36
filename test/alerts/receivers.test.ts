import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FindingView } from '@throughline/model/api/findings';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressGuard } from '../../collector/src/alert/address-guard.js';
import type { Message } from '../../collector/src/alert/message.js';
import { openReceivers } from '../../collector/src/alert/open-receivers.js';
import { sumUp } from '../../collector/src/alert/sum-up.js';
import type { AlertReceiver } from '../../collector/src/config/config.js';
import { openInbox } from '../support/inbox.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const HOSTILE = `<!channel> & <img src=x onerror=alert(1)> "${'long '.repeat(1_000)}"`;

const finding: FindingView = {
  id: 'f_1234567890123456789012',
  rule: 'stalled-run',
  severity: 'critical',
  state: 'open',
  openedAt: '2026-01-05T09:01:10.000Z',
  closedAt: null,
  snoozedUntil: null,
  snoozedUntilRuns: null,
  subject: { kind: 'edge', id: 'order: a → b', label: 'a → b' },
  workflow: 'order',
  runsAffected: 3,
  runIds: ['r_1'],
  where: 'a → b',
  verdict: 'consumer-absent',
  sentence: `3 orders stopped: ${HOSTILE}`,
  evidence: [{ text: 'b last took a', value: 'never' }],
  differs: [],
  next: [
    { text: 'look at the run', command: 'throughline run r_1', link: '/runs/r_1' },
    { text: 'bad link', link: 'javascript:alert(1)' },
  ],
  owner: 'stock',
  confidence: 1,
  note: null,
};

function message(kind: Message['kind']): Message {
  const told = {
    dedupKey: 'f_1.abc',
    finding,
    startsAt: '2026-01-05T09:01:10.000Z',
    endsAt: kind === 'firing' ? null : '2026-01-05T09:05:00.000Z',
    url: 'https://throughline.example/findings/f_1234567890123456789012',
  };
  return {
    ...told,
    id: 'f_1.abc.1',
    kind,
    sentAtMs: 1_767_603_700_000,
    baseUrl: 'https://throughline.example',
    group: '',
    alerts: [told],
    closes: kind === 'resolved' ? ['f_1.abc'] : [],
  };
}

const NOTHING = { secret: null, smtpUrl: null, from: null, url: null };

async function send(receiver: AlertReceiver, kind: Message['kind'], write = (_: string) => {}) {
  const guard = new AddressGuard(true);
  const opened = openReceivers([receiver], { guard, write }).get(receiver.name);
  await opened?.send(message(kind), new AbortController().signal);
}

async function posted(kind: Message['kind'], receiver: (url: string) => AlertReceiver) {
  const inbox = await openInbox();
  closing.push(() => inbox.close());
  await send(receiver(inbox.url), kind);
  return inbox.letters[0]?.body;
}

/** The subject of a raw mail, its encoded words read. */
function subjectOf(raw: string): string {
  const [, folded = ''] = /^Subject: ([\s\S]*?)\r\n(?! )/m.exec(raw) ?? [];
  const words = folded.replace(/\?=\s+=\?/g, '?==?');
  return words.replace(/=\?UTF-8\?Q\?(.*?)\?=/gi, (_whole, word: string) => {
    const bytes = word.replaceAll('_', '%20').replace(/=([0-9A-F]{2})/g, '%$1');
    return decodeURIComponent(bytes);
  });
}

describe('what receivers get', () => {
  it.each(['firing', 'resolved'] as const)('alertmanager: version 4, %s', async (kind) => {
    const body = await posted(kind, (target) => ({
      ...NOTHING,
      name: 'am',
      kind: 'alertmanager',
      target,
    }));
    expect(Object.keys(body ?? {}).sort()).toEqual([
      'alerts',
      'commonAnnotations',
      'commonLabels',
      'externalURL',
      'groupKey',
      'groupLabels',
      'receiver',
      'status',
      'truncatedAlerts',
      'version',
    ]);
    expect(body).toMatchObject({ version: '4', status: kind, receiver: 'am', truncatedAlerts: 0 });
    const [alert] = body?.['alerts'] as Record<string, unknown>[];
    expect(alert).toMatchObject({
      status: kind,
      startsAt: '2026-01-05T09:01:10.000Z',
      endsAt: kind === 'firing' ? '0001-01-01T00:00:00Z' : '2026-01-05T09:05:00.000Z',
      labels: { alertname: 'stalled-run', severity: 'critical', workflow: 'order' },
    });
    expect(alert?.['fingerprint']).toMatch(/^[0-9a-f]{16}$/);
    const texts = { ...(alert?.['labels'] as object), ...(alert?.['annotations'] as object) };
    expect(Object.values(texts).every((value) => typeof value === 'string')).toBe(true);
  });

  it.each([
    ['firing', 'trigger'],
    ['resolved', 'resolve'],
  ] as const)('pagerduty: %s is a %s', async (kind, action) => {
    const body = await posted(kind, (url) => ({
      ...NOTHING,
      name: 'oncall',
      kind: 'pagerduty',
      target: 'R0UT1NG',
      url,
    }));
    expect(body).toMatchObject({
      routing_key: 'R0UT1NG',
      event_action: action,
      dedup_key: 'f_1.abc',
      payload: { severity: 'critical', source: 'a → b', class: 'stalled-run', group: 'order' },
      links: [
        { href: message(kind).url, text: 'The finding' },
        { href: 'https://throughline.example/runs/r_1', text: 'look at the run' },
      ],
    });
    expect((body?.['payload'] as { summary: string }).summary).toHaveLength(1_024);
  });

  it('slack: blocks within their bounds, escaped, with a button', async () => {
    const body = await posted('firing', (target) => ({
      ...NOTHING,
      name: 'chat',
      kind: 'slack',
      target,
    }));
    const blocks = body?.['blocks'] as { type: string; text?: { text: string } }[];
    expect(blocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'section',
      'actions',
    ]);
    expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
    expect(Math.max(...blocks.map(({ text: own }) => own?.text.length ?? 0))).toBe(3_000);
    expect(String(body?.['text'])).toMatch(/^FIRING: 3 orders stopped: &lt;!channel&gt; &amp;/);
    expect(JSON.stringify(body)).not.toContain('<!channel>');
    expect(JSON.stringify(body)).not.toContain('javascript:');
    expect(JSON.stringify(body)).toContain(
      '<https://throughline.example/runs/r_1|look at the run>',
    );
  });

  it('stdout: the JSON of a webhook on one line', async () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    await send({ ...NOTHING, name: 'log', kind: 'stdout', target: '' }, 'resolved', write);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ status: 'resolved', id: finding.id });
  });

  it('email: a mail as text and as HTML, in one thread, with names escaped', async () => {
    const mails: { from: string; to: string[]; raw: string }[] = [];
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, session, done) {
        const { mailFrom, rcptTo } = session.envelope;
        void text(stream).then((raw) => {
          const from = mailFrom === false ? '' : mailFrom.address;
          mails.push({ from, to: rcptTo.map(({ address }) => address), raw });
          done();
        });
      },
    });
    closing.push(() => new Promise<void>((resolve) => server.close(resolve)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const receiver: AlertReceiver = {
      ...NOTHING,
      name: 'mail',
      kind: 'email',
      target: 'ops@example.com',
      smtpUrl: `smtp://127.0.0.1:${String(port)}`,
    };
    await send(receiver, 'firing');
    await send(receiver, 'resolved');
    expect(mails.map(({ from, to }) => [from, to])).toEqual([
      ['throughline@example.com', ['ops@example.com']],
      ['throughline@example.com', ['ops@example.com']],
    ]);
    const [firing = '', resolved = ''] = mails.map(({ raw }) => raw.replace(/(?<!\?)=\r\n/g, ''));
    expect(firing).toContain('multipart/alternative');
    expect(subjectOf(firing)).toMatch(/^\[Throughline\] FIRING: 3 orders stopped: .{100,}…$/);
    expect(firing).toContain('References: <f_1.abc@throughline.invalid>');
    expect(resolved).toContain('In-Reply-To: <f_1.abc@throughline.invalid>');
    const [plain = '', html = ''] = firing.split('Content-Type: text/html');
    expect(plain).toContain('b last took a: never');
    expect(html).toContain('&lt;img');
    expect(html).not.toContain('<img');
    expect(html).not.toContain('javascript:');
  });

  describe('many alerts in one message', () => {
    const told = ['a', 'b', 'c'].map((name, index) => ({
      dedupKey: `f_${name}.1`,
      finding: { ...finding, id: `f_${name}`, where: name, workflow: 'order', runsAffected: index },
      startsAt: `2026-01-05T09:01:1${String(index)}.000Z`,
      endsAt: null,
      url: `https://throughline.example/findings/f_${name}`,
    }));
    const [first = never()] = told;
    const bundle = (kind: Message['kind'], closes: readonly string[] = []): Message => ({
      ...message(kind),
      dedupKey: 'g_1.x',
      finding: sumUp([first, ...told.slice(1)], kind, 'g_1.x'),
      group: 'rule="stalled-run", workflow="order"',
      alerts: told,
      closes,
    });
    const sent = async (said: Message, receiver: (url: string) => AlertReceiver) => {
      const inbox = await openInbox();
      closing.push(() => inbox.close());
      const guard = new AddressGuard(true);
      const to = receiver(inbox.url);
      const write = (): void => undefined;
      const opened = openReceivers([to], { guard, write }).get(to.name);
      await opened?.send(said, new AbortController().signal);
      return inbox.letters.map(({ body }) => body);
    };

    it('webhook: a summary in the shape of a finding, and each alert under its own key', async () => {
      const [body] = await sent(bundle('firing'), (target) => {
        return { ...NOTHING, name: 'hook', kind: 'webhook', target };
      });
      expect(body).toMatchObject({
        type: 'findings.firing',
        count: 3,
        dedupKey: 'g_1.x',
        rule: 'stalled-run',
        sentence: '3 alerts fire: 3 stalled-run.',
        runsAffected: 3,
        where: '3 places',
      });
      const alerts = body?.['alerts'] as Record<string, unknown>[];
      expect(alerts.map(({ dedupKey }) => dedupKey)).toEqual(['f_a.1', 'f_b.1', 'f_c.1']);
      expect(alerts[2]).toMatchObject({ id: 'f_c', status: 'firing', url: told[2]?.url });
    });

    it('alertmanager: one group with all of its alerts', async () => {
      const [body] = await sent(bundle('firing'), (target) => {
        return { ...NOTHING, name: 'am', kind: 'alertmanager', target };
      });
      expect(body).toMatchObject({
        groupKey: '{}:{rule="stalled-run", workflow="order"}',
        groupLabels: { alertname: 'stalled-run', workflow: 'order' },
        commonLabels: { alertname: 'stalled-run', workflow: 'order', severity: 'critical' },
        truncatedAlerts: 0,
      });
      const alerts = body?.['alerts'] as { labels: Record<string, string>; fingerprint: string }[];
      expect(alerts.map(({ labels }) => labels['finding'])).toEqual(['f_a', 'f_b', 'f_c']);
      expect(new Set(alerts.map(({ fingerprint }) => fingerprint)).size).toBe(3);
      expect(body?.['commonLabels']).not.toHaveProperty('finding');
    });

    it('pagerduty: one incident, and a resolve for each incident that is over', async () => {
      const oncall = (url: string): AlertReceiver => {
        return { ...NOTHING, name: 'oncall', kind: 'pagerduty', target: 'R0UT1NG', url };
      };
      const fired = await sent(bundle('firing'), oncall);
      expect(fired).toMatchObject([{ event_action: 'trigger', dedup_key: 'g_1.x' }]);
      const over = await sent(bundle('resolved', ['g_1.x', 'f_b.1']), oncall);
      expect(over).toMatchObject([
        { event_action: 'resolve', dedup_key: 'g_1.x' },
        { event_action: 'resolve', dedup_key: 'f_b.1' },
      ]);
      expect(await sent(bundle('resolved'), oncall)).toEqual([]);
    });
  });
});

function never(): never {
  throw new Error('There is no alert');
}
