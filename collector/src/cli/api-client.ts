import { problem, type Problem } from '@throughline/model/api/primitives';
import type { z } from 'zod';
import { CliFault, EXIT } from './exit-code.js';

export type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

const TIMEOUT_MS = 30_000;
const BAD_REQUESTS = [400, 422];

/** The read API as the commands use it: answers are checked against the schemas of the contract. */
export class ApiClient {
  readonly server: string;

  constructor(server: string) {
    this.server = server.replace(/\/+$/, '');
  }

  /** @throws CliFault: unreachable, not what it should be, or refused with the server's own words. */
  async get<T extends z.ZodType>(
    path: string,
    schema: T,
    parameters: Parameters = {},
  ): Promise<z.infer<T>> {
    const response = await this.request(`/api/v1${path}${queryOf(parameters)}`);
    const parsed = schema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    throw new CliFault(
      EXIT.failed,
      `${this.server} answered ${path} with something that this version does not understand`,
      'Use the command line and the server of the same version.',
    );
  }

  async text(path: string, parameters: Parameters = {}): Promise<string> {
    return (await this.request(`/api/v1${path}${queryOf(parameters)}`)).text();
  }

  /** @throws CliFault unless the answer is a success. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.attempt(path, init);
    if (response.ok) return response;
    throw faultOf(response, await problemOf(response));
  }

  /** Any answer will do. @throws CliFault when there is none. */
  async attempt(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(this.server + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw unreachable(this.server, cause);
    }
  }
}

function queryOf(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'object' ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<Problem | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  return problem.safeParse(body).data;
}

function faultOf(response: Response, told: Problem | undefined): CliFault {
  const message = told?.detail ?? `${response.url} answered ${response.status}`;
  const exitCode = BAD_REQUESTS.includes(response.status) ? EXIT.usage : EXIT.failed;
  return new CliFault(exitCode, message, told?.remedy ?? null);
}

function unreachable(server: string, cause: unknown): CliFault {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = inner instanceof Error ? inner.message : String(inner);
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  // Node 24 gives the parser's error no code any more.
  const isNotHttp1 = inner instanceof Error && inner.name === 'HTTPParserError';
  if (isNotHttp1 || /^HPE_|^UND_ERR_SOCKET$|^ERR_HTTP_/.test(code)) {
    return new CliFault(
      EXIT.unreachable,
      `What answers at ${server} does not speak HTTP/1.1: ${why}`,
      'Perhaps this is a gRPC port (4317); name the HTTP port of the collector (4318) with --server.',
    );
  }
  return new CliFault(
    EXIT.unreachable,
    `No collector answers at ${server}${why === '' ? '' : `: ${why}`}`,
    'Start one with `throughline serve`, or name another with --server.',
  );
}
