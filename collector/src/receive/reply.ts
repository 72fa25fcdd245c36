import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';

export interface Reply {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array | string;
}

/** Sends a reply. Whatever is left of the request is thrown away, or the connection closed if that is much. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  if (reply.contentType !== null) response.setHeader('Content-Type', reply.contentType);
  response.setHeader('Content-Length', Buffer.byteLength(reply.body));
  if (!request.complete && remainsMuch(request)) response.setHeader('Connection', 'close');
  response.writeHead(reply.status);
  response.end(reply.body);
}

function remainsMuch(request: IncomingMessage): boolean {
  const announced = request.headers['content-length'];
  return announced === undefined || Number(announced) > LIMITS.drainBytesMax;
}

/** Anything thrown, as a Fault: what is none already is a fault of ours. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('INTERNAL', 'The collector failed on this request.', { cause: error });
}

/** Headers that go with a fault, whatever the encoding of its body. */
export function setFaultHeaders(response: ServerResponse, fault: Fault): void {
  if (fault.retryAfterS !== null) response.setHeader('Retry-After', String(fault.retryAfterS));
  if (fault.status === 405) response.setHeader('Allow', 'POST');
  // RFC 9110 section 15.5.16: tell which codings would do.
  if (fault.status === 415) response.setHeader('Accept-Encoding', 'gzip, identity');
  if (fault.status === 408) response.setHeader('Connection', 'close');
}

/** RFC 9457, in the words of the reading API: a fault has one name wherever it is met. */
export function problemReply(fault: Fault): Reply {
  const words = fault.code.toLowerCase().split('_');
  const title = words.join(' ');
  const problem = {
    type: `urn:throughline:fault:${words.join('-')}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    status: fault.status,
    detail: fault.message,
    remedy: fault.remedy,
  };
  return {
    status: fault.status,
    contentType: 'application/problem+json',
    body: JSON.stringify(problem),
  };
}

export function jsonReply(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}
