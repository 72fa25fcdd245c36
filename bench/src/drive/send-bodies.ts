import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SendOrder, SendReport } from './protocol.js';
import { quantilesOf } from './quantiles.js';

/** A request body that is ready to be sent, and of which runs its spans are. */
export interface Body {
  readonly bytes: Buffer;
  readonly spans: number;
  readonly runs: Int32Array;
}

export interface Sending extends SendOrder {
  readonly headers: Readonly<Record<string, string>>;
  onAck(body: Body): void;
}

const PAUSE_MS_MAX = 2_000;

interface Progress {
  ackedBodies: number;
  ackedSpans: number;
  refusals: number;
  readonly ackMs: number[];
}

/**
 * Sends the bodies in order over a few connections, each again while the server says that it is busy. At a rate, each
 * body has its instant, and its latency counts from there: a server that stalls is not given time.
 *
 * @throws Error when the server answers anything but 200, 429 or 503.
 */
export async function sendBodies(bodies: readonly Body[], sending: Sending): Promise<SendReport> {
  const { connections, spansPerS, limitMs } = sending;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const progress: Progress = { ackedBodies: 0, ackedSpans: 0, refusals: 0, ackMs: [] };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const isLate = (): boolean => performance.now() - start > limitMs;
  let next = 0;
  let sentSpans = 0;
  const worker = async (): Promise<void> => {
    while (next < bodies.length && !isLate()) {
      const body = bodies[next];
      if (body === undefined) return;
      next += 1;
      const due = spansPerS === null ? performance.now() : start + (sentSpans / spansPerS) * 1_000;
      sentSpans += body.spans;
      const early = due - performance.now();
      if (early > 1) await sleep(early);
      if (!(await deliver(body, { sending, agent, progress, isLate }))) return;
      progress.ackMs.push(performance.now() - due);
      sending.onAck(body);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  agent.destroy();
  const { ackMs, ...counts } = progress;
  return {
    ...counts,
    wallMs,
    clientCpuS: (user + system) / 1e6,
    ackMs: quantilesOf(ackMs),
    limitHit: progress.ackedBodies < bodies.length,
  };
}

interface Delivery {
  readonly sending: Sending;
  readonly agent: Agent;
  readonly progress: Progress;
  isLate(): boolean;
}

/** @returns false when the time was over before the body was acknowledged. */
async function deliver(
  body: Body,
  { sending, agent, progress, isLate }: Delivery,
): Promise<boolean> {
  for (;;) {
    const { status, retryAfterS } = await post(body, sending, agent);
    if (status === 200) break;
    if (status !== 429 && status !== 503) {
      throw new Error(`${sending.url} answered ${String(status)} to a body of the benchmark`);
    }
    progress.refusals += 1;
    if (isLate()) return false;
    await sleep(Math.min(PAUSE_MS_MAX, retryAfterS * 1_000));
  }
  progress.ackedBodies += 1;
  progress.ackedSpans += body.spans;
  return true;
}

function post(
  { bytes }: Body,
  { url, headers }: Sending,
  agent: Agent,
): Promise<{ status: number; retryAfterS: number }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/v1/traces`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': bytes.length } },
      (answer) => {
        answer.resume();
        answer.on('error', reject);
        answer.on('end', () => {
          const retryAfterS = Number(answer.headers['retry-after'] ?? 1);
          resolve({ status: answer.statusCode ?? 0, retryAfterS });
        });
      },
    );
    asked.on('error', reject);
    asked.end(bytes);
  });
}
