import { request as overHttp, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { LIMITS } from '../limits.js';
import { NoData } from './probe.js';

/** Where a broker answers over HTTP, and who asks. */
export interface HttpPlace {
  /** Without user name and password. */
  readonly url: URL;
  readonly user: string | null;
  readonly password: string | null;
}

/**
 * GET below the place, as JSON. Redirects are not followed: they would carry the password elsewhere.
 *
 * @param path begins without a slash. @throws NoData
 */
export async function getJson(
  place: HttpPlace,
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await answerOf(place, path, signal);
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    response.destroy();
    throw new NoData(refusal(place, status));
  }
  const text = await bodyOf(response, place);
  try {
    return JSON.parse(text);
  } catch {
    throw new NoData(`${place.url.host} answered something that is no JSON: is the address right?`);
  }
}

function answerOf(
  { url, user, password }: HttpPlace,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target = new URL(`${url.pathname.replace(/\/+$/, '')}/${path}`, url);
  const open = url.protocol === 'https:' ? overHttps : overHttp;
  const auth = user === null ? {} : { auth: `${user}:${password ?? ''}` };
  const headers = { accept: 'application/json', 'user-agent': 'throughline' };
  return new Promise((resolve, reject) => {
    const request = open(target, { agent: false, signal, headers, ...auth }, resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(new NoData(`${url.host} cannot be reached: ${error.code ?? error.message}`));
    });
    request.end();
  });
}

function refusal({ url, user }: HttpPlace, status: number): string {
  if (status === 401) {
    return user === null
      ? `${url.host} wants a user name and a password: set user and password`
      : `${url.host} does not know the user ${user} with this password`;
  }
  if (status === 403) return `${url.host} does not let ${user ?? 'this user'} read`;
  if (status >= 300 && status < 400) return `${url.host} redirects, which is not followed`;
  return `${url.host} answered ${status}`;
}

async function bodyOf(response: IncomingMessage, { url }: HttpPlace): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > LIMITS.brokerReplyBytesMax) throw new NoData(tooMuch(url));
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof NoData) throw error;
    throw new NoData(`${url.host} broke off its answer`);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function tooMuch({ host }: URL): string {
  return `${host} answered more than ${LIMITS.brokerReplyBytesMax / 2 ** 20} MiB`;
}
