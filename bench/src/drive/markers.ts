import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import type { RunItem } from '@throughline/model/api/runs';
import type { LiveDelta } from '@throughline/model/socket-events';
import { quantilesOf, type Quantiles } from './quantiles.js';

const EVERY_MS = 100;
const WAIT_MS = 10_000;
const WORKFLOW = 'marker';

export interface MarkerReport {
  readonly sent: number;
  readonly seen: number;
  /** From the start of the POST until a browser would have it, in milliseconds. */
  readonly toBrowserMs: Quantiles;
}

/** Sends a span of a run of its own ten times a second, and watches for it as a browser does. */
export async function sendMarkers(url: string, forMs: number): Promise<MarkerReport> {
  const sentAt = new Map<string, number>();
  const took: number[] = [];
  const see = (items: readonly RunItem[]): void => {
    for (const key of items.flatMap(({ keys }) => keys.map(({ value }) => value))) {
      const at = sentAt.get(key);
      if (at !== undefined) took.push(performance.now() - at);
      sentAt.delete(key);
    }
  };
  const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('snapshot', () => resolve());
      socket.once('connect_error', reject);
      socket.once('fault', (fault: { detail: string }) => reject(new Error(fault.detail)));
      const params = { workflow: WORKFLOW };
      socket.emit('subscribe', { subscription: 'markers', view: 'runs', params });
    });
    socket.on('delta', ({ body }: { body: LiveDelta }) => {
      see((body.upsert ?? []) as readonly RunItem[]);
      see((body.replace as { items?: readonly RunItem[] } | undefined)?.items ?? []);
    });
    let sent = 0;
    for (const end = performance.now() + forMs; performance.now() < end; sent += 1) {
      const key = `marker-${randomBytes(8).toString('hex')}`;
      sentAt.set(key, performance.now());
      void post(url, key);
      await sleep(EVERY_MS);
    }
    for (const end = performance.now() + WAIT_MS; sentAt.size > 0 && performance.now() < end;) {
      await sleep(EVERY_MS);
    }
    return { sent, seen: took.length, toBrowserMs: quantilesOf(took) };
  } finally {
    socket.close();
  }
}

async function post(url: string, key: string): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const attribute = (name: string, stringValue: string) => ({ key: name, value: { stringValue } });
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    ...{ name: 'mark', kind: 1, startTimeUnixNano: String(now), endTimeUnixNano: String(now) },
    attributes: [
      attribute('messaging.message.conversation_id', key),
      attribute('throughline.workflow.name', WORKFLOW),
    ],
  };
  const resource = { attributes: [attribute('service.name', 'marker')] };
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  await answer.arrayBuffer();
}
