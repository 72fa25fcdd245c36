import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StatsView } from '@throughline/model/api/catalog';
import type { DeadLetterView, FindingView } from '@throughline/model/api/findings';
import type { Page } from '@throughline/model/api/primitives';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { descendants, isAlive } from '../support/process-tree.js';
import { startProgram, type Program } from '../support/start-program.js';
import { until } from '../support/until.js';

const PROGRAM = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url));
const READY = /^throughline ready at (http:\S+)$/m;
/** A busy machine needs a while for seventeen processes. */
const START_MS = 60_000;
const SETTLED_AFTER_MS = 5_000;
const PATIENCE = { withinMs: 40_000, everyMs: 250 };

function startDemo(...args: readonly string[]): Program {
  // A broker in the environment of whoever runs the tests is no part of this one.
  const env = { AMQP_URL: '' };
  return startProgram([process.execPath, PROGRAM, 'demo', '--seed', 'test', ...args], { env });
}

describe('the demo', () => {
  let demo: Program;
  let url: string;

  beforeAll(async () => {
    demo = startDemo('--port', '0');
    [, url = ''] = await demo.says(READY, START_MS);
  }, START_MS);
  afterAll(() => demo.stop());

  async function read<T>(path: string): Promise<T> {
    const answer = await fetch(`${url}/api/v1${path}`);
    if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  const items = async <T>(path: string): Promise<readonly T[]> => (await read<Page<T>>(path)).items;
  const firstRun = async (query: string): Promise<RunItem | undefined> =>
    (await items<RunItem>(`/runs?${query}&limit=1`))[0];
  const finding = (rule: string): Promise<FindingView | undefined> =>
    items<FindingView>(`/findings?rule=${rule}&state=open`).then(([first]) => first);

  it('says its address once, on its first line', () => {
    const [first, ...rest] = demo.said().split('\n');
    expect(first).toBe(`throughline ready at ${url}`);
    expect(rest.join('\n')).not.toMatch(READY);
  });

  it.each([
    ['orchestrated', 'candidate-intake'],
    ['choreographed', 'order'],
    ['hybrid', 'onboarding'],
  ])('shows %s runs of %s, and says why', async (pattern, workflow) => {
    const query = `pattern=${pattern}&workflow=${workflow}&status=completed`;
    const found = await until(`${workflow} is ${pattern}`, () => firstRun(query), PATIENCE);
    const run = await read<RunDetail>(`/runs/${found.id}`);
    expect(run.patternEvidence.because.join(' ')).toMatch(/[a-z]{3} .*[a-z]{3}/);
  });

  it('never mistakes one pattern for another', async () => {
    const wrong = await items<RunItem>('/runs?limit=500').then((runs) =>
      runs.filter(
        ({ workflow, pattern, lastActivityAt }) =>
          // The last spans of a run that is still going on may be under way.
          Date.parse(lastActivityAt) < Date.now() - SETTLED_AFTER_MS &&
          pattern !== null &&
          `${workflow} ${pattern}` !== 'candidate-intake orchestrated' &&
          `${workflow} ${pattern}` !== 'order choreographed' &&
          `${workflow} ${pattern}` !== 'onboarding hybrid',
      ),
    );
    expect(wrong.map(({ workflow, pattern, keys }) => ({ workflow, pattern, keys }))).toEqual([]);
  });

  it('ties an order that went through many processes and traces into one run', async () => {
    const order = await until(
      'order 8101 has arrived',
      async () => {
        const run = await firstRun('key=order:8101');
        return run?.status === 'completed' && run.services.length >= 7 ? run : undefined;
      },
      PATIENCE,
    );
    expect(await items('/runs?key=order:8101')).toHaveLength(1);
    expect(order.traceCount).toBeGreaterThanOrEqual(7);
    const { steps } = await read<RunDetail>(`/runs/${order.id}`);
    expect(new Set(steps.map(({ instance }) => instance)).size).toBeGreaterThanOrEqual(7);
  });

  it('finds the order that stands still, with a sentence to act on', async () => {
    const stalled = await until(
      'order 8102 is a finding',
      async () =>
        (await items<FindingView>('/findings?rule=stalled-run&state=open')).find(({ where }) =>
          where.includes('payment.captured'),
        ),
      PATIENCE,
    );
    expect(stalled.sentence).toContain('payment.captured');
    expect(stalled.sentence).toContain('inventory');
    expect(stalled.next.length).toBeGreaterThan(0);
    const runs = await items<RunItem>('/runs?finding=stalled-run&key=order:8102');
    expect(runs.map(({ status }) => status)).toEqual(['active']);
  });

  it('finds the event that nobody reads', async () => {
    const missing = await until(
      'order.gift-wrapped is a finding',
      async () =>
        (await items<FindingView>('/findings?rule=missing-consumer&state=open')).find(
          ({ sentence }) => sentence.includes('order.gift-wrapped'),
        ),
      PATIENCE,
    );
    expect(missing.sentence).toContain('gifts');
    expect(missing.next.length).toBeGreaterThan(0);
  });

  it('finds the dead letters, and why they died', async () => {
    const backlog = await until('a finding', () => finding('dead-letter-backlog'), PATIENCE);
    expect(backlog.sentence).toContain('invoice.dead-letter');
    const [letters] = await items<DeadLetterView>('/dead-letters');
    expect(letters?.destination).toBe('invoice.dead-letter');
    expect(letters?.groups.map(({ reason }) => reason).join()).toContain('tax id');
  });

  it('shows compensated sagas, a hung handler and a failed run', async () => {
    for (const workflow of ['order', 'candidate-intake', 'onboarding']) {
      const query = `workflow=${workflow}&status=compensated`;
      await until(`a compensated ${workflow}`, () => firstRun(query), PATIENCE);
    }
    await until('a failed intake', () => firstRun('workflow=candidate-intake&status=failed'));
    const hung = await until(
      'shipping hangs',
      async () => {
        const run = await firstRun('key=order:8112');
        const detail = run && (await read<RunDetail>(`/runs/${run.id}`));
        return detail?.steps.find(({ status }) => status === 'pending');
      },
      PATIENCE,
    );
    expect(hung.service).toBe('shipping');
  });

  it('accounts for every span', async () => {
    const { received, stored, duplicate, rejected, dropped } = await read<StatsView>('/stats');
    const sum = (reasons: Readonly<Record<string, number>>): number =>
      Object.values(reasons).reduce((total, count) => total + count, 0);
    expect(received).toBe(stored + duplicate + sum(rejected) + sum(dropped));
    expect(sum(rejected) + sum(dropped)).toBe(0);
  });

  it('leaves no process behind when it is interrupted', async () => {
    const pids = descendants(demo.process.pid ?? 0);
    expect(pids.length).toBeGreaterThanOrEqual(17);
    expect(await demo.stop('SIGINT')).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('a demo', () => {
  let demo: Program | undefined;
  afterEach(() => demo?.stop('SIGKILL'));

  it(
    'that is killed outright takes its processes along',
    async () => {
      demo = startDemo('--port', '0');
      await demo.says(READY, START_MS);
      const pids = descendants(demo.process.pid ?? 0);
      expect(pids.length).toBeGreaterThanOrEqual(17);
      await demo.stop('SIGKILL');
      await until('all of them are gone', () => !pids.some(isAlive), PATIENCE);
    },
    START_MS * 2,
  );

  it('that finds its port taken says so and ends', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await until('the port is taken', () => other.listening);
    try {
      const { port } = other.address() as AddressInfo;
      demo = startDemo('--port', String(port));
      expect(await demo.ended()).toBe(1);
      expect(demo.said()).toContain(String(port));
      expect(demo.said()).toMatch(/--port/);
      expect(demo.said()).not.toMatch(READY);
    } finally {
      other.close();
    }
  });
});
