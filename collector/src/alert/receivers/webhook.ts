import { createHmac } from 'node:crypto';
import { isBundle, type Beat, type Message, type Receiver, type Told } from '../message.js';
import type { PostJson } from '../post-json.js';

export interface WebhookTarget {
  readonly name: string;
  readonly url: URL;
  /** Null: the requests are not signed. */
  readonly secret: string | null;
  readonly post: PostJson;
}

/** The finding as JSON, signed as Standard Webhooks 1.0 says. */
export function webhook({ name, url, secret, post }: WebhookTarget): Receiver {
  const signed = (said: Pick<Message, 'id' | 'sentAtMs'>, value: unknown, signal: AbortSignal) => {
    const body = JSON.stringify(value);
    return post({ url, body, headers: webhookHeaders(said, body, secret) }, signal);
  };
  return {
    name,
    kind: 'webhook',
    send: (message, signal) => signed(message, webhookBody(message), signal),
    beat: (beat, signal) => signed(beat, beatBody(beat), signal),
  };
}

/** One alert is its finding. Many are a summary in the same shape, and `alerts` with each of them. */
export function webhookBody(message: Message): unknown {
  const { kind, group, alerts } = message;
  if (!isBundle(message)) return { type: `finding.${kind}`, ...bodyOf(message, message) };
  return {
    type: `findings.${kind}`,
    ...bodyOf(message, message),
    group,
    count: alerts.length,
    alerts: alerts.map((told) => bodyOf(told, message)),
  };
}

function bodyOf({ finding, dedupKey, startsAt, endsAt, url }: Told, { kind }: Message) {
  const timestamp = kind === 'firing' ? startsAt : (endsAt ?? startsAt);
  return { timestamp, status: kind, dedupKey, startsAt, endsAt, url, ...finding };
}

/** What a dead man's switch waits for. */
export function beatBody({ id, sentAtMs, everyMs, baseUrl }: Beat): unknown {
  const timestamp = new Date(sentAtMs).toISOString();
  return { type: 'heartbeat', status: 'ok', id, timestamp, everyMs, url: baseUrl };
}

/** https://www.standardwebhooks.com: id, time in seconds, and signatures over `id.time.body`. */
export function webhookHeaders(
  { id, sentAtMs }: Pick<Message, 'id' | 'sentAtMs'>,
  body: string,
  secret: string | null,
): Record<string, string> {
  const time = String(Math.floor(sentAtMs / 1_000));
  const signatures = keysOf(secret).map((key) => {
    const digest = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': time,
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  };
}

const PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The bytes of `whsec_…` are base64. A secret without the prefix is taken as it is written; if it can be read as
 * base64, too, both signatures are sent: the header may hold several, and libraries differ in what they expect.
 */
function keysOf(secret: string | null): Buffer[] {
  if (secret === null || secret === '') return [];
  if (secret.startsWith(PREFIX)) return [Buffer.from(secret.slice(PREFIX.length), 'base64')];
  const asWritten = Buffer.from(secret);
  return BASE64.test(secret) ? [asWritten, Buffer.from(secret, 'base64')] : [asWritten];
}
