import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp, type AppOptions } from '../support/instrumented-app.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import type { Program } from '../support/start-program.js';
import { until } from '../support/until.js';

let collector: OtlpReceiver;
const programs: Program[] = [];

beforeEach(async () => {
  collector = await startOtlpReceiver();
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop('SIGKILL');
  await collector.close();
});

function start(file: string, options: Partial<AppOptions> = {}): Program {
  const program = startApp(file, { collector: collector.url, ...options });
  programs.push(program);
  return program;
}

const pendingNames = (): unknown[] =>
  collector
    .spans()
    .filter(({ attributes }) => attributes['throughline.pending'] === true)
    .map(({ name }) => name);
const finishedNames = (): string[] =>
  collector
    .spans()
    .filter(({ attributes }) => attributes['throughline.pending'] !== true)
    .map(({ name }) => name);

describe('the end of a process', () => {
  const ends = (how: string, options: Partial<AppOptions> = {}): Program =>
    start('ends.mjs', { ...options, args: [how] });

  it.each([
    ['runs_out', 0],
    ['exit_code', 7],
  ])('that %s keeps its code, and sends what was finished and what was not', async (how, code) => {
    expect(await ends(how).ended()).toBe(code);
    expect(finishedNames()).toEqual(['finished']);
    expect(pendingNames()).toEqual(['open']);
  });

  it('by process.exit comes at once; with THROUGHLINE_EXIT_FLUSH=always the spans are sent first', async () => {
    expect(await ends('exit').ended()).toBe(3);
    expect(collector.arrived).toEqual([]);
    const always = { env: { THROUGHLINE_EXIT_FLUSH: 'always' } };
    expect(await ends('exit', always).ended()).toBe(3);
    expect([finishedNames(), pendingNames()]).toEqual([['finished'], ['open']]);
  });

  it('by an exception keeps code and message, and the crash leaves its open steps behind', async () => {
    const program = ends('throws');
    expect(await program.ended()).toBe(1);
    expect(program.said()).toContain('Error: boom');
    expect([finishedNames(), pendingNames()]).toEqual([['finished'], ['open']]);
  });

  it('by an unhandled rejection happens as without us', async () => {
    const program = ends('rejects');
    expect(await program.ended()).toBe(1);
    expect(program.said()).toContain('Error: unseen');
    expect(finishedNames().sort()).toEqual(['finished', 'rejecting']);
  });

  it('by SIGTERM is a death by SIGTERM, after the spans were sent', async () => {
    const program = ends('waits');
    await program.says(/runs/);
    await program.stop('SIGTERM');
    expect(program.process.signalCode).toBe('SIGTERM');
    expect([finishedNames(), pendingNames()]).toEqual([['finished'], ['open']]);
  });

  it('by SIGINT is a death by SIGINT, also when the collector never answers', async () => {
    collector.behave('hold');
    const program = ends('waits', { env: { THROUGHLINE_EXIT_FLUSH_MS: '200' } });
    await program.says(/runs/);
    await program.stop('SIGINT');
    expect(program.process.signalCode).toBe('SIGINT');
  });

  it('is left to the app when it listens to the signal itself', async () => {
    const program = ends('handles');
    await program.says(/runs/);
    expect(await program.stop('SIGTERM')).toBe(5);
    expect(program.said()).toContain('cleaning up');
    expect(finishedNames()).toEqual(['finished']);
  });

  // The package counts listeners to know whether a signal ends the process; ours must not be in its way.
  it('by a signal goes on under the package signal-exit', async () => {
    const program = ends('with_signal_exit');
    await program.says(/runs/);
    await program.stop('SIGTERM');
    expect(program.process.signalCode).toBe('SIGTERM');
    expect(program.said()).toContain('leaving by SIGTERM');
    expect(finishedNames()).toEqual(['finished']);
  });

  it.each(['runs_out', 'throws', 'exit_code'])(
    'that %s is not held up by a collector that is not there',
    async (how) => {
      const startedAt = performance.now();
      const program = start('ends.mjs', { collector: 'http://127.0.0.1:9', args: [how] });
      expect(await program.ended()).toBe({ runs_out: 0, throws: 1, exit_code: 7 }[how]);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(program.said()).not.toMatch(/ECONNREFUSED|throughline/i);
    },
  );
});

describe('work in progress', () => {
  it('is reported after a second, again at intervals, and the finished span replaces it', async () => {
    start('hang.mjs', {
      env: { THROUGHLINE_PENDING_AFTER_MS: '200', THROUGHLINE_PENDING_EVERY_MS: '300' },
    });
    const snapshots = (): typeof collector.arrived =>
      collector.arrived.filter(({ name }) => name === 'score');
    await until('the step was reported three times', () => snapshots().length >= 3);
    const [first, second] = snapshots();
    expect(first?.attributes).toMatchObject({
      'throughline.pending': true,
      'throughline.key.candidate': 'c1',
    });
    expect(second?.spanId).toBe(first?.spanId);
    expect(second?.endNs).toBeGreaterThan(first?.endNs ?? 0n);
    expect(Number((first?.endNs ?? 0n) - (first?.startNs ?? 0n)) / 1e6).toBeGreaterThan(190);
    expect(finishedNames()).toEqual(['parse']);
  });
});

describe('the queue', () => {
  it('is bounded: what it drops is counted and reported on the next span that gets through', async () => {
    collector.behave(503);
    start('flood.mjs', {
      env: { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '40' },
    });
    await until('the collector refused a batch', () => collector.requests.length > 0);
    collector.behave(200);
    await until('the queue is empty', () => collector.spans().length === 100);
    const reported = collector
      .spans()
      .map(({ attributes }) => attributes['throughline.dropped_spans'])
      .filter((count) => count !== undefined);
    expect(reported).toEqual([400]);
    expect(collector.spans()[0]?.name).toBe('early 0');
  });

  it('is sent as the environment says: encoding, compression, headers, resource', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20t0ken',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other',
      OTEL_TRACES_EXPORTER: 'otlp',
    };
    const code = start('ends.mjs', { service: 'named', env, args: ['runs_out'] }).ended();
    expect(await code).toBe(0);
    expect(collector.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer t0ken',
      'content-encoding': 'gzip',
      'content-type': 'application/json',
    });
    expect(collector.spans()[0]?.resource).toMatchObject({
      'service.name': 'named',
      'deployment.environment.name': 'test',
      'telemetry.distro.name': '@throughline/instrumentation',
    });
    const protobuf = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
    expect(await start('ends.mjs', { env: protobuf, args: ['runs_out'] }).ended()).toBe(0);
    expect(collector.requests.at(-1)?.headers['content-type']).toBe('application/x-protobuf');
    const sentCount = collector.requests.length;
    const none = { OTEL_TRACES_EXPORTER: 'none' };
    expect(await start('ends.mjs', { env: none, args: ['runs_out'] }).ended()).toBe(0);
    expect(collector.requests).toHaveLength(sentCount);
  });

  it('waits as long as the collector asks for', async () => {
    collector.behave(429, { 'retry-after': '1' });
    start('flood.mjs', { env: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '512' } });
    await until('the collector asked', () => collector.requests.length === 1);
    const askedAt = performance.now();
    collector.behave(200);
    await until('the spans are here', () => collector.spans().length === 500);
    expect(performance.now() - askedAt).toBeGreaterThan(900);
  });
});
