import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunItem } from '@throughline/model/api/runs';
import { startCollector, type RunningCollector } from '../support/start-collector.js';
import { until } from '../support/until.js';

const CYCLES = 4;
const SENDERS = 6;
const SPANS_PER_BODY = 25;
/** The collector is killed once so many bodies of a cycle were acknowledged, while others are on their way. */
const ACKNOWLEDGED_BEFORE_KILL = 60;

let data: string;
let collector: RunningCollector | undefined;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'throughline-kill-'));
});

afterEach(async () => {
  await collector?.stop('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

interface Body {
  readonly traceId: string;
  readonly json: string;
}

/** One trace in one request: a root and its children, so that the trace is a run of SPANS_PER_BODY spans. */
function makeBody(): Body {
  const traceId = randomBytes(16).toString('hex');
  const startNs = BigInt(Date.now()) * 1_000_000n;
  const ids = Array.from({ length: SPANS_PER_BODY }, () => randomBytes(8).toString('hex'));
  const spans = ids.map((spanId, at) => ({
    traceId,
    spanId,
    ...(at === 0 ? {} : { parentSpanId: ids[0] }),
    name: at === 0 ? 'import file' : `import row ${String(at)}`,
    kind: 1,
    startTimeUnixNano: String(startNs + BigInt(at)),
    endTimeUnixNano: String(startNs + 1_000_000n),
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'importer' } }] };
  const json = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  return { traceId, json };
}

/** Sends bodies one after the other until the collector is gone. Keeps the traces it was told are durable. */
async function sendUntilGone(url: string, acknowledged: Set<string>): Promise<void> {
  for (;;) {
    const { traceId, json } = makeBody();
    try {
      const response = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: json,
      });
      if (response.status === 200) acknowledged.add(traceId);
      await response.arrayBuffer();
    } catch {
      return;
    }
  }
}

async function spanCountOf(url: string, traceId: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/runs?key=trace:${traceId}`);
  const { items } = (await response.json()) as { items: RunItem[] };
  return items.reduce((sum, { spanCount }) => sum + spanCount, 0);
}

it('a collector killed under load loses no span that it acknowledged', async () => {
  const acknowledged = new Set<string>();
  for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
    collector = await startCollector(data);
    const { url } = collector;
    const before = acknowledged.size;
    const senders = Array.from({ length: SENDERS }, () => sendUntilGone(url, acknowledged));
    await until(
      'enough is acknowledged',
      () => acknowledged.size >= before + ACKNOWLEDGED_BEFORE_KILL,
      {
        everyMs: 1,
      },
    );
    await collector.stop('SIGKILL');
    await Promise.all(senders);
  }

  collector = await startCollector(data);
  const { url } = collector;
  const lost: string[] = [];
  for (const traceId of acknowledged)
    if ((await spanCountOf(url, traceId)) !== SPANS_PER_BODY) lost.push(traceId);
  expect(acknowledged.size).toBeGreaterThanOrEqual(CYCLES * ACKNOWLEDGED_BEFORE_KILL);
  expect(lost).toEqual([]);

  const response = await fetch(`${url}/api/v1/stats`);
  const { total } = (await response.json()) as { total: { stored: number } };
  expect(total.stored).toBeGreaterThanOrEqual(acknowledged.size * SPANS_PER_BODY);
});
