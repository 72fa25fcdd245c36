import type { Problem } from '@throughline/model/api/primitives';
import { apiAddress } from './address.js';
import { ApiProblem } from './problem.js';

type Params = Readonly<Record<string, string | undefined>>;

async function problemOf(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  try {
    return new ApiProblem({
      ...((await response.json()) as Problem),
      status: response.status,
      requestId,
    });
  } catch {
    return new ApiProblem({
      title: `The server answered ${String(response.status)} ${response.statusText}`,
      status: response.status,
      requestId,
    });
  }
}

async function send(address: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiProblem({
      title: 'The collector cannot be reached',
      detail:
        'No answer came from the server. It may be stopped, restarting, or behind a broken proxy.',
    });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** @throws ApiProblem with the server's own words, or status 0 when it was not reached. */
export async function getJson<T>(
  path: string,
  params: Params = {},
  signal?: AbortSignal,
): Promise<T> {
  const response = await send(apiAddress(path, params), {
    headers: { accept: 'application/json' },
    ...(signal && { signal }),
  });
  return (await response.json()) as T;
}

/** @throws ApiProblem */
export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const response = await send(apiAddress(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}
