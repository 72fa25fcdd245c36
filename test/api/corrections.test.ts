import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Storyline } from '@throughline/fixtures/build/storyline';
import { STORY_START_NS } from '@throughline/fixtures/scenarios/scenario';
import { workflowDetail, type WorkflowDetail } from '@throughline/model/api/catalog';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../collector/src/cli/cli.js';
import { systemClock } from '../../collector/src/clock.js';
import { captured, reserved, SECOND } from '../detecting/acts.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

let dataFolder: string;
let collector: OpenCollector;

const orders = Array.from({ length: 30 }, (_, number) => {
  const line = new Storyline({
    seed: `run ${String(number)}`,
    startNs: STORY_START_NS,
    correlation: `ord-${String(number)}`,
    system: 'rabbitmq',
  });
  if (number < 28) reserved(line, number * SECOND);
  else captured(line, number * SECOND);
  return line;
});

async function detail(): Promise<WorkflowDetail> {
  return workflowDetail.parse((await collector.get('/workflows/order.placed')).body);
}

async function taking() {
  const { learned } = await detail();
  return learned.find(({ what, by }) => what === 'takes payment.captured' && by === 'inventory');
}

async function stalled(): Promise<number> {
  const { body } = await collector.get('/findings?rule=stalled-run&state=open');
  return (body as { items: unknown[] }).items.length;
}

async function post(path: string, body: unknown) {
  const response = await fetch(`${collector.url}/api/v1/workflows/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as WorkflowDetail & { readonly detail: string },
  };
}

async function correct(body: unknown) {
  return post(`order.placed/learned/${(await taking())?.id ?? ''}/correct`, body);
}

async function cli(...args: readonly string[]) {
  const texts: string[] = [];
  const note = (text: string): void => void texts.push(text);
  const exit = await runCli(['learned', ...args], {
    out: note,
    say: note,
    env: { THROUGHLINE_SERVER: collector.url },
    cwd: dataFolder,
    clock: systemClock,
    isTerminal: false,
    readInput: () => Readable.from([]),
    onReload: () => undefined,
    untilStopped: () => Promise.resolve(),
  });
  return { exit, said: texts.join('') };
}

async function reopen(): Promise<void> {
  await collector.close();
  collector = await openCollector({ dataFolder });
}

async function stitchAnew(): Promise<void> {
  await fetch(`${collector.url}/api/v1/config/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ force: true }),
  });
  await until('everything is stitched anew', async () => {
    const { body } = await collector.get('/config/reload');
    return (body as { state: string }).state === 'done';
  });
}

// One story, told in order: each chapter begins with what the one before left.
describe('a person corrects what was learned', () => {
  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'throughline-corrections-'));
    collector = await openCollector({ dataFolder });
    await collector.send(orders.flatMap((line) => line.spans));
    await until('a stalled run is found', async () => (await stalled()) > 0);
  });
  afterAll(async () => {
    await collector.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  test.each([
    [{ deadline: '1h' }, 'actor: says who decides this'],
    [{ actor: ' ', deadline: '1h' }, 'actor: says who decides this'],
    [{ actor: 'a'.repeat(201), deadline: '1h' }, 'actor: has at most 200 characters'],
    [{ actor: 'ada' }, 'needs either a deadline or expected: false'],
    [{ actor: 'ada', deadline: 'soon' }, 'is a duration such as 30s'],
    [{ actor: 'ada', deadline: '900d' }, 'of at most 366d'],
    [{ actor: 'ada', deadline: '1h', expected: false }, 'needs either a deadline or'],
    [{ actor: 'ada', expected: true }, 'what should follow is declared in flows'],
    [{ actor: 'ada', deadlin: '1h' }, 'deadlin'],
  ])('and %j is refused', async (body, why) => {
    const answer = await correct(body);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toContain(why);
    expect((await detail()).corrections).toEqual([]);
  });

  test('but nothing that nobody knows', async () => {
    const said = { actor: 'ada', expected: false };
    expect((await post('nowhere/learned/l_x/correct', said)).status).toBe(404);
    expect((await post('order.placed/learned/l_x/correct', said)).status).toBe(404);
    expect((await post('nowhere/reset', { actor: 'ada' })).status).toBe(404);
    expect((await post('order.placed/restore', { actor: 'ada' })).status).toBe(404);
  });

  test('to need not follow: what was stalled is no more, and the answer says so already', async () => {
    const note = 'inventory is told by mail';
    const answer = await correct({ actor: 'ada', note, expected: false });
    expect(answer.status).toBe(200);
    expect(answer.body.corrections).toMatchObject([
      { actor: 'ada', note, expected: false, reaction: { by: 'inventory' } },
    ]);
    expect(answer.body.promises.map(({ by, what }) => [by, what])).not.toContainEqual([
      'inventory',
      'takes payment.captured',
    ]);
    expect(await taking()).toMatchObject({ state: 'not-expected', correction: { actor: 'ada' } });
    expect(await stalled()).toBe(0);
  });

  test('for good: after a restart, and when everything is stitched anew', async () => {
    const before = await detail();
    await reopen();
    expect((await detail()).corrections).toEqual(before.corrections);
    expect(await taking()).toMatchObject({ state: 'not-expected' });
    expect(await stalled()).toBe(0);
    await stitchAnew();
    expect((await detail()).corrections).toEqual(before.corrections);
    expect(await stalled()).toBe(0);
  });

  test('until somebody takes it back', async () => {
    const path = `order.placed/learned/${(await taking())?.id ?? ''}/restore`;
    expect((await post(path, { actor: 'bob' })).body.corrections).toMatchObject([
      { actor: 'bob', expected: true, deadlineMs: null, forgottenBefore: null },
    ]);
    expect(await taking()).toMatchObject({ state: 'learned', deadlineMs: 5_000 });
    expect(await stalled()).toBe(1);
    expect((await post(path, { actor: 'bob' })).status).toBe(404);
  });

  test('by a deadline of their own', async () => {
    await correct({ actor: 'ada', deadline: '2h' });
    expect(await taking()).toMatchObject({ state: 'learned', deadlineMs: 7_200_000 });
    const { promises } = await detail();
    const promise = promises.find(({ what }) => what === 'takes payment.captured');
    expect(promise).toMatchObject({ withinMs: 7_200_000, origin: 'learned' });
  });

  test('from the command line, under the name of whoever is logged in', async () => {
    const id = (await taking())?.id ?? '';
    const correct = await cli('correct', 'order.placed', id, '--deadline', '3h', '--by', 'eve');
    expect(correct).toMatchObject({ exit: 0 });
    expect(correct.said).toMatch(/inventory takes payment\.captured .* 10800 s +eve/);
    expect((await cli('correct', 'order.placed', id)).exit).toBe(2);
    expect((await cli('correct', 'order.placed', id, '--deadline', 'soon')).exit).toBe(2);
    await cli('correct', 'order.placed', id, '--deadline', '2h');
    expect((await taking())?.correction?.actor).toBe(userInfo().username);
  });

  test('by forgetting all of it', async () => {
    const { body } = await post('order.placed/reset', { actor: 'ada', note: 'a new team' });
    expect(body.learned).toEqual([]);
    await reopen();
    const { learned, corrections } = await detail();
    expect(learned).toEqual([]);
    expect(corrections[0]).toMatchObject({ reaction: null, actor: 'ada', note: 'a new team' });
    await post('order.placed/restore', { actor: 'ada' });
    expect(await taking()).toMatchObject({ state: 'learned', deadlineMs: 7_200_000 });
  });
});
