import type { GeneratorProcess } from './drive/generator-process.js';
import type { Prepared, Verdict } from './drive/protocol.js';
import type { Quantiles } from './drive/quantiles.js';
import { hasTaken, loopBlockMs } from './servers/collector-api.js';
import { settle } from './servers/settle.js';
import { bytesIn, startCollector, startNaive, withFolder } from './servers/start-servers.js';

const WARM_UP_SHARE = 0.15;
/** Fewer would leave the compiler's own work in the figure of a short run. */
const WARM_UP_SPANS_MIN = 5_000;
/** The naive reference gets slower with every row, so it is always measured over the first so many spans. */
export const NAIVE_SPANS = 100_000;
const READY_MS = 20_000;

export interface Limits {
  readonly sendMs: number;
  readonly settleMs: number;
  readonly restartMs: number;
  readonly verifyMs: number;
}

export interface Measured {
  /** Spans that were acknowledged, and found through the API after `kill -9` and a restart. */
  readonly verdict: Verdict;
  readonly spansPerS: number;
  /** CPU of the server for each counted span, in microseconds: seconds per million spans. */
  readonly usPerSpan: number;
  readonly idleMsPerS: number;
  readonly clientUsPerSpan: number;
  readonly bytesPerSpan: number;
  readonly peakRss: number;
  readonly ackMs: Quantiles;
  readonly loopBlockMs: number;
  readonly restartMs: number;
  readonly refusals: number;
  /** Phases that did not end within their time, in words. */
  readonly notes: readonly string[];
}

export interface Load {
  readonly generator: GeneratorProcess;
  readonly prepared: Prepared;
  readonly connections: number;
  readonly limits: Limits;
}

function warmUpBodies({ bodies, spans }: Prepared, of: number): number {
  const least = Math.ceil((WARM_UP_SPANS_MIN * bodies) / spans);
  return Math.floor(Math.min(of / 2, Math.max(of * WARM_UP_SHARE, least)));
}

/** One repetition: warm up, send, settle, `kill -9`, start again, look for every span, stop, weigh the folder. */
export function measureCollector(load: Load): Promise<Measured> {
  return withFolder(async (folder) => {
    const loaded = await loadCollector(folder, load);
    return { ...loaded, ...(await recover(folder, load, loaded)) };
  });
}

interface Loaded extends Omit<Measured, 'verdict' | 'bytesPerSpan' | 'restartMs'> {
  readonly emptyBytes: number;
}

async function loadCollector(folder: string, load: Load): Promise<Loaded> {
  const server = await startCollector(folder, READY_MS);
  try {
    const emptyBytes = await bytesIn(folder);
    const { bodies } = load.prepared;
    const warm = warmUpBodies(load.prepared, bodies);
    const order = { url: server.url, connections: load.connections, spansPerS: null };
    const counted = { ...order, isCounted: true, limitMs: load.limits.sendMs };
    const warmed = await load.generator.ask('send', { ...counted, from: 0, to: warm });
    const isDone = (spans: number) => () => hasTaken(server.url, spans);
    const { settleMs } = load.limits;
    await settle(server, 0, { isDone: isDone(warmed.ackedSpans), limitMs: settleMs });

    await loopBlockMs(server.url);
    const cpuBeforeS = server.cpuS();
    const sent = await load.generator.ask('send', { ...counted, from: warm, to: bodies });
    const taken = isDone(warmed.ackedSpans + sent.ackedSpans);
    const settled = await settle(server, cpuBeforeS, { isDone: taken, limitMs: settleMs });
    return {
      emptyBytes,
      spansPerS: sent.ackedSpans / (sent.wallMs / 1_000),
      usPerSpan: (settled.workS * 1e6) / sent.ackedSpans,
      idleMsPerS: settled.idleS * 1_000,
      clientUsPerSpan: (sent.clientCpuS * 1e6) / sent.ackedSpans,
      peakRss: server.memory().peak,
      ackMs: sent.ackMs,
      loopBlockMs: await loopBlockMs(server.url),
      refusals: warmed.refusals + sent.refusals,
      notes: [
        ...(warmed.limitHit || sent.limitHit ? ['sending took too long'] : []),
        ...(settled.limitHit ? ['was not idle in time: CPU is too low'] : []),
      ],
    };
  } finally {
    await server.kill();
  }
}

type Recovered = Pick<
  Measured,
  'verdict' | 'bytesPerSpan' | 'restartMs' | 'notes' | 'usPerSpan' | 'spansPerS'
>;

async function recover(
  folder: string,
  { generator, limits }: Load,
  { emptyBytes, notes, usPerSpan, spansPerS }: Loaded,
): Promise<Recovered> {
  const start = performance.now();
  const server = await startCollector(folder, limits.restartMs);
  const restartMs = performance.now() - start;
  const verdict = await generator
    .ask('verify', { url: server.url, limitMs: limits.verifyMs })
    .finally(() => server.stop());
  // Only what is found again counts: a span that was acknowledged and lost was not worth its CPU.
  const foundShare = verdict.foundSpans / verdict.ackedSpans;
  return {
    verdict,
    restartMs,
    usPerSpan: usPerSpan / foundShare,
    spansPerS: spansPerS * foundShare,
    bytesPerSpan: ((await bytesIn(folder)) - emptyBytes) / verdict.foundSpans,
    notes: [...notes, ...(verdict.limitHit ? ['looking for the spans took too long'] : [])],
  };
}

/** CPU of the naive reference for the same bodies, in microseconds a span, and what it can take in a second. */
export function measureNaive(load: Load): Promise<{ usPerSpan: number; spansPerS: number }> {
  return withFolder(async (folder) => {
    const server = await startNaive(folder);
    try {
      const { bodies, spans } = load.prepared;
      const to = Math.min(bodies, Math.ceil((bodies * NAIVE_SPANS) / spans));
      const warm = warmUpBodies(load.prepared, to);
      const order = {
        ...{ url: server.url, connections: load.connections, spansPerS: null, isCounted: false },
        limitMs: load.limits.sendMs,
      };
      await load.generator.ask('send', { ...order, from: 0, to: warm });
      const cpuBeforeS = server.cpuS();
      const sent = await load.generator.ask('send', { ...order, from: warm, to });
      const usPerSpan = ((server.cpuS() - cpuBeforeS) * 1e6) / sent.ackedSpans;
      return { usPerSpan, spansPerS: sent.ackedSpans / (sent.wallMs / 1_000) };
    } finally {
      await server.stop();
    }
  });
}
