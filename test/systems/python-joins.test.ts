import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { startCollector, type RunningCollector } from '../support/start-collector.js';
import { startProgram, type Program } from '../support/start-program.js';
import { until } from '../support/until.js';

const here = dirname(fileURLToPath(import.meta.url));
const amqpUrl = process.env['AMQP_URL'] ?? '';
const python = process.env['SYSTEMS_PYTHON'] ?? '';

const suffix = String(process.pid);
const orderId = `order-${suffix}`;
const [ordersQueue, paidQueue] = [`orders-${suffix}`, `paid-${suffix}`];

let data: string;
let collector: RunningCollector;
const programs: Program[] = [];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'throughline-python-'));
  collector = await startCollector(data);
  await queues((channel, name) => channel.assertQueue(name, { durable: false }));
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  await queues((channel, name) => channel.deleteQueue(name));
  await collector.stop();
  await rm(data, { recursive: true, force: true });
});

type Channel = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createChannel']>>;

async function queues(act: (channel: Channel, name: string) => Promise<unknown>): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  for (const name of [ordersQueue, paidQueue]) await act(channel, name);
  await connection.close();
}

/** A Node service that nothing but `--import` instruments. */
function startNode(service: string, ...args: readonly string[]): Program {
  const program = startProgram(
    [
      process.execPath,
      '--import',
      '@throughline/instrumentation/register',
      join(here, 'services', `${service}.mjs`),
      ...args,
    ],
    {
      cwd: here,
      env: {
        AMQP_URL: amqpUrl,
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    },
  );
  programs.push(program);
  return program;
}

/** A Python service under OpenTelemetry's own automatic instrumentation, with nothing of ours. */
function startPython(service: string, ...args: readonly string[]): Program {
  const program = startProgram(
    [
      join(dirname(python), 'opentelemetry-instrument'),
      python,
      join(here, 'python', `${service}.py`),
      ...args,
    ],
    {
      env: {
        AMQP_URL: amqpUrl,
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    },
  );
  programs.push(program);
  return program;
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${collector.url}/api/v1/${path}`);
  if (!response.ok) throw new Error(`${path} gave ${String(response.status)}`);
  return (await response.json()) as T;
}

it('a Python service with its stock instrumentation joins the run that a Node service began', async () => {
  await startNode('shipping', paidQueue).says(/is consuming/);
  await startPython('payments', ordersQueue, paidQueue).says(/is consuming/);
  expect(await startNode('shop', ordersQueue, orderId).ended()).toBe(0);

  const item = await until('the three services are seen in one run', async () => {
    const { items } = await get<{ items: RunItem[] }>(`runs?key=${orderId}`);
    return items.find(({ services }) => services.length === 3);
  });
  expect([...item.services].sort()).toEqual(['payments', 'shipping', 'shop']);
  expect((await get<{ items: RunItem[] }>(`runs?key=${orderId}`)).items).toHaveLength(1);

  const run = await get<RunDetail>(`runs/${item.id}`);
  const serviceOf = new Map(run.steps.map(({ id, service }) => [id, service]));
  const hops = run.edges
    .filter(({ kind }) => kind === 'message')
    .map(({ from, to }) => `${serviceOf.get(from) ?? '?'} → ${serviceOf.get(to) ?? '?'}`);
  expect(hops.sort()).toEqual(['payments → shipping', 'shop → payments']);
  expect(run.messages.every(({ system }) => system === 'rabbitmq')).toBe(true);
});
