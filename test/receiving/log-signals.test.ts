import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StatsView } from '@throughline/model/api/catalog';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { encodeProtobufLogs } from '../../collector/src/decode/otlp-encoder.case.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const STEP = 'b7ad6b7169203331';
const BEGAN_MS = Date.now() - 3_600_000;

let dataFolder: string;
let collector: OpenCollector;
beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'throughline-signals-'));
  collector = await openCollector({ dataFolder });
});
afterEach(async () => {
  await collector.close();
  rmSync(dataFolder, { recursive: true });
});

type Values = Readonly<Record<string, string>>;

function record(eventName: string, afterMs: number, values: Values = {}): object {
  const attributes = Object.entries(values).map(([key, stringValue]) => {
    return { key, value: { stringValue } };
  });
  const timeUnixNano = `${String(BEGAN_MS + afterMs)}000000`;
  return { traceId: TRACE, spanId: STEP, eventName, timeUnixNano, attributes };
}

const requestOf = (...logRecords: readonly object[]) => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'mailer' } }] },
      scopeLogs: [{ scope: { name: 'jobs' }, logRecords }],
    },
  ],
});

async function post(type: 'json' | 'x-protobuf', ...records: readonly object[]): Promise<string> {
  const request = requestOf(...records);
  const body = type === 'json' ? JSON.stringify(request) : encodeProtobufLogs(request);
  const response = await fetch(`${collector.url}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': `application/${type}` },
    body: typeof body === 'string' ? body : Uint8Array.from(body),
  });
  expect(response.status).toBe(200);
  return response.text();
}

async function restart(): Promise<void> {
  await collector.close();
  collector = await openCollector({ dataFolder });
}

async function theRun(from = collector): Promise<RunDetail> {
  const { items } = (await from.get('/runs')).body as { items: RunItem[] };
  expect(items).toHaveLength(1);
  return (await from.get(`/runs/${items[0]?.id ?? ''}`)).body as RunDetail;
}

const start = record('throughline.step.start', 0, {
  'throughline.step.name': 'send invoice',
  'throughline.key.order': '8123',
});

describe('signals in the log', () => {
  test('make a step that is pending until its end comes, also after a restart', async () => {
    expect(await post('json', start)).toBe('{}');
    await post('x-protobuf', record('throughline.step.heartbeat', 20_000));
    await restart();
    const pending = await theRun();
    expect(pending).toMatchObject({ status: 'active', keys: [{ type: 'order', value: '8123' }] });
    expect(pending.steps).toMatchObject([
      { name: 'send invoice', service: 'mailer', status: 'pending' },
    ]);
    await post('x-protobuf', record('throughline.step.end', 60_000, { 'error.type': 'Smtp' }));
    const ended = await theRun();
    expect(ended.id).toBe(pending.id);
    const [step] = ended.steps;
    expect(step).toMatchObject({ name: 'send invoice', status: 'error' });
    expect(Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')).toBe(60_000);
    await restart();
    expect((await theRun()).steps).toEqual(ended.steps);
  });

  test('are each accounted for, and so is every other record', async () => {
    const other = record('user.clicked', 5);
    const nowhere = { ...record('throughline.step.start', 5), spanId: '' };
    const told = await post('json', start, other, nowhere, other, start);
    const { rejectedLogRecords, errorMessage } = (
      JSON.parse(told) as { partialSuccess: Record<string, string> }
    ).partialSuccess;
    expect(rejectedLogRecords).toBe('1');
    expect(errorMessage).toContain('logRecords[2]: spanId is missing');
    expect(errorMessage).toContain('2 log records are no step signals and were ignored');
    const counts = {
      received: 3,
      stored: 1,
      duplicate: 1,
      rejected: { invalid_span_id: 1 },
      ignoredLogRecords: 2,
    };
    const { total, ...sinceStart } = (await collector.get('/stats')).body as StatsView;
    expect([sinceStart, total]).toMatchObject([counts, counts]);
    await restart();
    expect((await collector.get('/stats')).body).toMatchObject({ received: 0, total: counts });
  });

  test.each([
    ['pending', [start, record('throughline.step.heartbeat', 9)]],
    ['ended', [record('throughline.step.end', 9), start]],
  ])('of a step that is %s are exported as the span that they say', async (_, records) => {
    for (const each of records) await post('json', each);
    const run = await theRun();
    const response = await fetch(`${collector.url}/api/v1/runs/${run.id}/export?format=otlp`);
    const other = await openCollector();
    try {
      await fetch(`${other.url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: await response.text(),
      });
      const [step] = (await theRun(other)).steps;
      // What the span must say in an attribute, the name of the signal said before.
      const { 'throughline.pending': _pending, ...attributes } = step?.attributes ?? {};
      expect([{ ...step, attributes }]).toEqual(run.steps);
    } finally {
      await other.close();
    }
  });
});
