import { request as overHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { LIMITS } from '../limits.js';
import type { Address, AddressGuard } from './address-guard.js';
import { DeliveryFault } from './message.js';

export interface Posting {
  readonly url: URL;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts a JSON text. Settles when the other side answers 2xx. */
export type PostJson = (posting: Posting, signal: AbortSignal) => Promise<void>;

/**
 * Only what the guard lets through is connected to, redirects are not followed, no proxy of the environment is
 * used, and of the answer only a bounded beginning is read.
 */
export function guardedPost(guard: AddressGuard): PostJson {
  return async ({ url, body, headers }, signal) => {
    guard.checkUrl(url);
    const response = await exchange({ url, body, headers, guard, signal });
    const status = response.statusCode ?? 0;
    const said = await beginningOf(response);
    if (status >= 200 && status < 300) return;
    const isRedirect = status >= 300 && status < 400;
    const detail = isRedirect ? 'redirects are not followed' : said;
    throw new DeliveryFault(`${url.host} answered ${status}${detail === '' ? '' : `: ${detail}`}`, {
      retryAfterMs: retryAfterMs(response),
    });
  };
}

interface Exchange {
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
}

async function exchange({ url, body, headers, guard, signal }: Exchange): Promise<IncomingMessage> {
  const addresses = await guard.addressesOf(url.hostname).catch(unreachable(url));
  const open = url.protocol === 'https:' ? overHttps : overHttp;
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    // The name is resolved once, above; the connection goes to what was checked there.
    lookup: lookupOf(addresses),
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'throughline',
    },
  };
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = open(url, options, resolve);
    request.once('error', reject);
    request.end(body);
  }).catch(unreachable(url));
}

function lookupOf(addresses: readonly Address[]): NonNullable<RequestOptions['lookup']> {
  return (_host, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family ?? 4);
  };
}

function unreachable(url: URL) {
  return (cause: unknown): never => {
    const isOurs = !(cause instanceof Error) || 'remedy' in cause;
    if (isOurs) throw cause;
    const why = cause.name === 'AbortError' ? 'no answer in time' : reasonOf(cause);
    throw new DeliveryFault(`${url.host} cannot be reached: ${why}`, { cause });
  };
}

function reasonOf(cause: Error): string {
  if (cause.message !== '') return cause.message;
  return 'code' in cause ? String(cause.code) : cause.name;
}

/** What the other side says, for the person who reads the log; the rest is not waited for. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.byteLength;
      if (bytes >= LIMITS.alertReplyBytesMax) break;
    }
  } catch {
    // The status has come, and it says what matters.
  } finally {
    response.destroy();
  }
  const text = Buffer.concat(pieces).toString('utf8').replace(/\s+/g, ' ').trim();
  return text.slice(0, SAID_CHARS_MAX);
}

const SAID_CHARS_MAX = 200;

/** `Retry-After` in seconds, or as a date. */
function retryAfterMs({ headers }: IncomingMessage): number | null {
  const said = headers['retry-after'];
  if (said === undefined) return null;
  if (/^\d+$/.test(said)) return Number(said) * 1_000;
  const atMs = Date.parse(said);
  const sentAtMs = Date.parse(headers.date ?? '');
  return Number.isNaN(atMs) || Number.isNaN(sentAtMs) ? null : Math.max(0, atMs - sentAtMs);
}
