import { createHmac } from 'node:crypto';
import type { Message, Receiver } from '../message.js';
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
  return {
    name,
    kind: 'webhook',
    send: (message, signal) => {
      const body = JSON.stringify(webhookBody(message));
      return post({ url, body, headers: webhookHeaders(message, body, secret) }, signal);
    },
  };
}

export function webhookBody(message: Message): unknown {
  const { kind, finding, dedupKey, startsAt, endsAt, url } = message;
  return {
    type: `finding.${kind}`,
    timestamp: kind === 'firing' ? startsAt : (endsAt ?? startsAt),
    status: kind,
    dedupKey,
    startsAt,
    endsAt,
    url,
    ...finding,
  };
}

/** https://www.standardwebhooks.com: id, time in seconds, and signatures over `id.time.body`. */
export function webhookHeaders(
  { id, sentAtMs }: Message,
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
