import { json, type Request, type RequestHandler } from 'express';
import { Fault } from '../../errors.js';

const BODY_BYTES_MAX = 16 * 1024;

/** Reads the body of a request that changes something. */
export const readJsonBody: RequestHandler = json({ limit: BODY_BYTES_MAX, type: isJson });

/** A form that another page submits is never JSON: this alone keeps it from acting. */
function isJson(request: { headers: { 'content-type'?: string | undefined } }): boolean {
  return /^application\/json\b/i.test(request.headers['content-type'] ?? '');
}

/**
 * What `readJsonBody` has read; `{}` for a request without a body.
 *
 * @throws Fault UNSUPPORTED_TYPE for a body that is not JSON.
 */
export function jsonBodyOf(request: Pick<Request, 'headers' | 'body'>): unknown {
  const isEmpty = (request.headers['content-length'] ?? '0') === '0';
  if (!isEmpty && !isJson(request)) {
    throw new Fault('UNSUPPORTED_TYPE', 'The body of this request comes as application/json');
  }
  const body: unknown = request.body;
  return body ?? {};
}
