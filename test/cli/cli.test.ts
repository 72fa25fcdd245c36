import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { stalledAfterPayment } from '@throughline/fixtures/scenarios/stalled-after-payment';
import type { RunItem } from '@throughline/model/api/runs';
import { runCli } from '../../collector/src/cli/cli.js';
import { systemClock } from '../../collector/src/clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly said: string;
}

let folder: string;
let collector: OpenCollector;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  collector = await openCollector({ policy: stalledAfterPayment.policy });
  await collector.send(stalledAfterPayment.tell().spans);
  await until('the stall is found', async () => {
    const { body } = await collector.get('/findings?rule=stalled-run');
    return (body as { items: unknown[] }).items.length > 0;
  });
});
afterAll(async () => {
  await collector.close();
  rmSync(folder, { recursive: true, force: true });
});

async function cli(
  args: readonly string[],
  options: { server?: string; input?: string; stop?: Promise<void>; onOut?: () => void } = {},
): Promise<Outcome> {
  const texts = { out: '', said: '' };
  const exit = await runCli(args, {
    out: (text) => {
      texts.out += text;
      options.onOut?.();
    },
    say: (text) => void (texts.said += text),
    env: { THROUGHLINE_SERVER: options.server ?? collector.url },
    cwd: folder,
    clock: systemClock,
    isTerminal: false,
    readInput: () => Readable.from([Buffer.from(options.input ?? '')]),
    onReload: () => undefined,
    untilStopped: () => options.stop ?? Promise.resolve(),
  });
  return { exit, ...texts };
}

describe('asking', () => {
  it('runs lists what matches, for people and for programs', async () => {
    const human = await cli(['runs', 'status:active', 'workflow:order']);
    expect(human.exit).toBe(0);
    expect(human.out).toContain('order:8124');
    expect(human.out).not.toContain('order:8125');
    expect(human.out).toContain('stalled-run');
    // eslint-disable-next-line no-control-regex -- the escape is what must not be there
    expect(human.out).not.toMatch(/\u001b/);
    const program = await cli(['runs', 'status:active', '--json']);
    const { items } = JSON.parse(program.out) as { items: RunItem[] };
    expect(items.map(({ status }) => status)).toEqual(['active']);
  });

  it('run and explain take a key, an id or a trace', async () => {
    const byKey = JSON.parse((await cli(['run', '8124', '--json'])).out) as {
      id: string;
      steps: { traceId: string }[];
    };
    const byTyped = await cli(['run', 'order:8124', '--json']);
    const byTrace = await cli(['run', byKey.steps[0]?.traceId ?? '', '--json']);
    const byId = await cli(['explain', byKey.id]);
    for (const { out } of [byTyped, byTrace])
      expect(JSON.parse(out)).toMatchObject({ id: byKey.id });
    expect(byId.exit).toBe(0);
    expect(byId.out).toContain('payment.captured');
    expect((await cli(['run', 'nobody'])).exit).toBe(1);
  });

  it('findings, dead-letters and map print what the API says', async () => {
    expect((await cli(['findings'])).out).toMatch(/stalled-run[\s\S]*next: /);
    expect((await cli(['dead-letters'])).out).toContain('No dead letters');
    expect((await cli(['map'])).out).toMatch(/payment +send +\(payments\)/);
    expect((await cli(['map', '--format', 'mermaid'])).out).toContain('flowchart LR');
  });

  it('check exits 3 when something is found, 0 when it is allowed', async () => {
    expect((await cli(['check'])).exit).toBe(3);
    expect((await cli(['check', '--rule', 'dead-letter-backlog'])).exit).toBe(0);
    expect((await cli(['check', '--max', '50'])).exit).toBe(0);
    expect((await cli(['check', '--max-dlq-age', '10m', '--max', '50'])).exit).toBe(0);
    const { out: text } = await cli(['check']);
    expect(text).toMatch(/\d+ findings? above the limits \(0 allowed\): \d+ [a-z-]+[^\n]*\.\n*$/);
    expect(text.trim().split('\n\n')).toHaveLength(2);
    expect(text).not.toMatch(/\b1 runs\b/);
    const { out } = await cli(['check', '--json']);
    expect(JSON.parse(out)).toMatchObject({ ok: false });
  });

  it('check looks at what is grave enough, at silence and at receivers, and waits when it is told to', async () => {
    const all = JSON.parse((await cli(['check', '--json'])).out) as {
      findings: { severity: string }[];
      conditions: unknown[];
    };
    expect(all.findings.map(({ severity }) => severity)).toEqual(['critical']);
    expect(all.conditions).toEqual([]);
    expect((await cli(['check', '--severity', 'critical'])).exit).toBe(3);
    expect((await cli(['check', '--workflow', 'billing'])).exit).toBe(0);
    expect((await cli(['check', '--rule', 'no-data', 'error'])).exit).toBe(0);
    expect((await cli(['check', '--severity', 'grave'])).exit).toBe(2);
    expect((await cli(['check', '--wait', 'long'])).exit).toBe(2);
    expect((await cli(['check', '--rule', 'stalled'])).exit).toBe(2);
    const beganMs = performance.now();
    expect((await cli(['check', '--wait', '60s'])).exit).toBe(3);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    const nobody = { server: 'http://127.0.0.1:1' };
    expect((await cli(['check', '--wait', '1s'], nobody)).exit).toBe(4);
  });

  it('alerts says whether telling works, and previews a route or all routes of a file', async () => {
    expect((await cli(['alerts'])).out).toMatch(/^Telling: ok\n\nNobody is being told/);
    const fired = await cli(['alerts', 'preview', '--rule', 'stalled-run', '--window', '1h']);
    expect(fired.out).toContain('It would have fired once in 1 h.');
    expect(fired.out).toMatch(/stalled-run .* fires still/);
    expect(fired.out).toContain('Findings are remembered for the last');
    const file = join(folder, 'routes.yaml');
    const routes =
      '[{ match: { severity: critical }, receiver: log }, { receiver: log, for: 3650d }]';
    writeFileSync(file, `alerts: { receivers: [{ name: log, stdout: true }], routes: ${routes} }`);
    const both = await cli(['alerts', 'preview', '--config', file]);
    expect(both.out).toContain('severity critical → log\nIt would have fired once');
    expect(both.out).toContain('everything → log\nIt would have fired 0 times');
    expect((await cli(['alerts', 'preview', '--for', 'long'])).exit).toBe(2);
  });

  it('config validate names every address that alerts would not be sent to', async () => {
    const file = join(folder, 'receivers.yaml');
    const receivers = [
      '{ name: inner, webhook: "https://10.1.2.3/x" }',
      '{ name: clear, slack: "http://hooks.example/x" }',
      '{ name: log, stdout: true }',
    ];
    writeFileSync(file, `alerts: { receivers: [${receivers.join(', ')}] }`);
    const refused = await cli(['config', 'validate', file]);
    expect(refused.exit).toBe(2);
    expect(refused.out).toContain('receiver inner (refused): alerts.receivers: inner: 10.1.2.3');
    expect(refused.out).toContain('receiver clear (refused)');
    expect(refused.out).not.toContain('receiver log');
    expect(refused.said).toContain('alerts.allow_private');
    writeFileSync(
      file,
      `alerts: { allow_private: [10.1.2.3], receivers: [${receivers[0] ?? ''}] }`,
    );
    expect((await cli(['config', 'validate', file])).exit).toBe(0);
  });

  it('tail prints runs as they change until it is stopped', async () => {
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    let seen = 0;
    const tailing = cli(['tail', 'workflow:order'], {
      stop: stopped,
      onOut: () => void (seen += 1),
    });
    await until('the first runs are printed', () => seen >= 3);
    await collector.send(happyOrder.tell('while tailing').spans);
    await until('the new one is printed', () => seen >= 4);
    stop();
    const { exit, out } = await tailing;
    expect(exit).toBe(0);
    expect(out).toContain('8123');
  });
});

describe('moving', () => {
  it('export and import carry a run from one collector to another', async () => {
    const other = await openCollector();
    try {
      const exported = await cli(['export', '8124', '--format', 'otlp', '-o', 'run.json']);
      expect(exported.exit).toBe(0);
      const imported = await cli(['import', 'run.json', '--json'], { server: other.url });
      const spans = (JSON.parse(imported.out) as { spans: number }).spans;
      expect(spans).toBeGreaterThan(5);
      expect((await cli(['runs', 'key:8124'], { server: other.url })).out).toContain('order:8124');
      expect(readFileSync(join(folder, 'run.json'), 'utf8')).toContain('resourceSpans');
    } finally {
      await other.close();
    }
  });

  it('import reads one document per line, from stdin too, and names the line that is wrong', async () => {
    const { spans } = happyOrder.tell('lines');
    const lines = [otlpJson(spans.slice(0, 3)), '', otlpJson(spans.slice(3))].join('\n');
    const taken = await cli(['import', '-', '--json'], { input: lines });
    expect(JSON.parse(taken.out)).toMatchObject({ spans: spans.length, rejected: 0 });
    writeFileSync(join(folder, 'bad.ndjson'), `${otlpJson(spans)}\nnot json\n`);
    const bad = await cli(['import', 'bad.ndjson']);
    expect(bad).toMatchObject({ exit: 1 });
    expect(bad.said).toContain('bad.ndjson:2 is not JSON');
    expect((await cli(['import', 'nowhere.json'])).exit).toBe(2);
    expect((await cli(['import', '-'], { input: '{"spans":[]}' })).said).toContain('resourceSpans');
  });

  it('import tells which spans were refused', async () => {
    const [one] = happyOrder.tell('refused').spans;
    const body = otlpJson(one ? [one] : []).replace(/"traceId":"[^"]+"/, '"traceId":"00"');
    const refused = await cli(['import', '-'], { input: body });
    expect(refused.exit).toBe(1);
    expect(refused.said).toContain('traceId');
  });
});

describe('what goes wrong', () => {
  it('is usage (2) when the words are wrong, and says what was meant', async () => {
    expect(await cli(['rums'])).toMatchObject({
      exit: 2,
      said: expect.stringContaining('runs') as string,
    });
    expect((await cli(['runs', '--limit', '9999'])).exit).toBe(2);
    const query = await cli(['runs', 'statuz:active']);
    expect(query).toMatchObject({ exit: 2 });
    expect(query.said).toContain('Did you mean status?');
    expect((await cli(['runs', '--server', 'not an address'])).exit).toBe(2);
    expect((await cli(['check', '--max', 'few'])).exit).toBe(2);
    expect((await cli(['serve', '--port', '99999'])).exit).toBe(2);
  });

  it('is unreachable (4) when nobody answers', async () => {
    const gone = await openCollector();
    await gone.close();
    for (const args of [['runs'], ['doctor'], ['tail'], ['findings']]) {
      const { exit, said } = await cli(args, {
        server: gone.url,
        stop: new Promise(() => undefined),
      });
      expect(exit, args[0]).toBe(4);
      expect(said).toContain(gone.url);
    }
  });

  it('is a failure (1) with another way for what this version does not have', async () => {
    const { exit, said } = await cli(['token', 'create']);
    expect(exit).toBe(1);
    expect(said).toContain('This version has no');
  });

  it('prints nothing that a hostile name could do to a terminal', async () => {
    const [one] = happyOrder.tell('hostile').spans;
    if (one === undefined) return;
    const key = { 'throughline.key.order': '\u001b]0;owned\u0007' };
    await collector.send([
      { ...one, name: '\u001b[2Jgone', attributes: { ...one.attributes, ...key } },
    ]);
    const { out } = await cli(['runs', 'name:*gone']);
    expect(out.length).toBeGreaterThan(10);
    // eslint-disable-next-line no-control-regex -- the escape is what must not be there
    expect(out).not.toMatch(/[\u001b\u0007]/);
  });
});

describe('helping', () => {
  it('config validate and print say what holds and hide secrets', async () => {
    writeFileSync(
      join(folder, 'good.yaml'),
      'server: { tokens: [{ name: ci, token: abcdefghijklmnop1234 }] }\nstorage: { retention: { age: 3d } }\n',
    );
    writeFileSync(join(folder, 'bad.yaml'), 'storage: { retenton: { age: 3d } }\n');
    expect((await cli(['config', 'validate', 'good.yaml'])).exit).toBe(0);
    const bad = await cli(['config', 'validate', 'bad.yaml']);
    expect(bad.exit).toBe(2);
    expect(bad.said).toContain('retention');
    const printed = await cli(['config', 'print', '--config', 'good.yaml']);
    expect(printed.out).toContain('259200000');
    expect(printed.out).not.toContain('abcdefghijklmnop1234');
  });

  it('doctor looks at everything and says how to mend it', async () => {
    const { out } = await cli(['doctor', '--json']);
    const { checks } = JSON.parse(out) as { checks: { name: string }[] };
    expect(checks.map(({ name }) => name)).toEqual(['node', 'collector', 'OTLP', 'spans', 'pages']);
  });

  it('doctor sends a span as every service does, and finds it again as a run of its own', async () => {
    const { out } = await cli(['doctor', '--json']);
    const { checks } = JSON.parse(out) as { checks: { name: string; ok: boolean; says: string }[] };
    const trip = checks.find(({ name }) => name === 'OTLP');
    expect(trip?.ok).toBe(true);
    const [, id = ''] = /came back after \d+ ms, as run (\S+)/.exec(trip?.says ?? '') ?? [];
    const { body } = await collector.get(`/runs/${id}`);
    expect(body).toMatchObject({
      workflow: 'throughline doctor',
      status: 'completed',
      services: ['throughline-doctor'],
      steps: [{ name: 'test span of throughline doctor' }],
    });
  });

  it('completion knows every command', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { out, exit } = await cli(['completion', shell]);
      expect(exit).toBe(0);
      for (const name of ['serve', 'runs', 'explain', 'dead-letters', 'check'])
        expect(out).toContain(name);
    }
  });

  it('help and version are answers, not mistakes', async () => {
    expect((await cli(['--help'])).exit).toBe(0);
    expect((await cli(['runs', '--help'])).out).toContain('QUERY');
    expect((await cli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
