import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '@throughline/model/api/primitives';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { until } from '../support/until.js';
import { order } from './orders.js';
import { scaled, tell } from './scale.js';
import { Sender } from './sender.js';
import { residentMiB, Scene } from './watched-collector.js';
import { getJson } from './witness.js';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe('a span with odd values', () => {
  it('A9 never lasts less than nothing, and is marked where its clock is wrong', async () => {
    const collector = await scene.start();
    const sender = new Sender(scene.history);
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    const times: readonly [string, bigint, bigint, boolean][] = [
      ['ordinary', nowNs, nowNs + 5_000_000n, false],
      ['ends before it starts', nowNs, nowNs - 1n, true],
      ['has no start', 0n, nowNs, true],
      ['takes no time', nowNs, nowNs, false],
      ['lasts to the last nanosecond', nowNs, 2n ** 63n - 1n, false],
      [
        'is ten years old',
        nowNs - 315_360_000_000_000_000n,
        nowNs - 315_359_999_000_000_000n,
        false,
      ],
    ];
    for (const [index, [, startNs, endNs]] of times.entries()) {
      const [span] = order(index, { spanCount: 1 });
      if (span === undefined) continue;
      const made = { ...span, startNs, endNs } as typeof span;
      expect(await sender.send(collector.url, [made])).toMatchObject({ status: 200, text: '{}' });
    }
    const wrong: string[] = [];
    for (const [index, [what, , , isSuspect]] of times.entries()) {
      const page = await getJson<Page<RunItem>>(
        `${collector.url}/api/v1/runs?key=order-${String(index)}`,
      );
      const run = await getJson<RunDetail>(
        `${collector.url}/api/v1/runs/${page.items[0]?.id ?? ''}`,
      );
      const [step] = run.steps;
      if (step?.timeIsSuspect !== isSuspect || (step.durationMs ?? 0) < 0) wrong.push(what);
      if (isSuspect && step?.durationMs !== 0) wrong.push(`${what}, and lasts`);
    }
    sender.close();
    expect(wrong).toEqual([]);
    tell('A9', `${String(times.length)} odd times: 0 wrong marks, 0 negative durations`);
  });

  it('A10 with names that never come again costs what any span costs', async () => {
    const collector = await scene.start();
    const sender = new Sender(scene.history);
    const perBody = 250;
    const bodies = scaled({ quick: 40, full: 4_000 });
    const pid = collector.process.pid ?? 0;
    const send = async (body: number, isDistinct: boolean): Promise<void> => {
      const spans = Array.from({ length: perBody }, (_, at) => {
        const number = body * perBody + at;
        const [span] = order(number + (isDistinct ? 10_000_000 : 0), { spanCount: 1 });
        if (span === undefined) throw new Error('an order has a span');
        const own = isDistinct ? `-${String(number)}` : '';
        return {
          ...span,
          name: `step${own}`,
          attributes: { ...span.attributes, [`key${own}`]: true },
          resource: { 'service.name': `service${own}` },
        };
      });
      expect((await sender.send(collector.url, spans))?.status).toBe(200);
    };
    const grown = async (isDistinct: boolean): Promise<number> => {
      const before = residentMiB(pid);
      for (let body = 0; body < bodies; body += 1) await send(body, isDistinct);
      await until(
        'everything is assembled',
        async () => (await fetch(`${collector.url}/api/v1/runs?limit=1`)).ok,
      );
      return residentMiB(pid) - before;
    };
    const even = await grown(false);
    const diskBefore = sizeOf(scene.dataFolder);
    const odd = await grown(true);
    const names = bodies * perBody;
    const bytesOf = (mebibytes: number): string => ((mebibytes * 1_048_576) / names).toFixed(0);
    sender.close();
    tell(
      'A10',
      `${String(names)} spans with a service, a name and a key of their own: ${bytesOf(odd)} bytes of memory each (the same of one name: ${bytesOf(even)}), ${((sizeOf(scene.dataFolder) - diskBefore) / names).toFixed(0)} bytes on disk each`,
    );
    expect((odd * 1_048_576) / names).toBeLessThan(30_000);
    expect((await fetch(`${collector.url}/livez`)).status).toBe(200);
  }, 1_200_000);
});

function sizeOf(folder: string): number {
  return ['facts.db', 'facts.db-wal']
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0);
}
