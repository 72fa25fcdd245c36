import type { Problem } from '@throughline/model/api/primitives';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { Fault } from '../errors.js';
import { QueryFault } from './language/query-fault.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457 problem details of a fault. */
export function problemOf(fault: Fault): Problem {
  return {
    type: `urn:throughline:fault:${fault.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(fault.code),
    status: fault.status,
    detail: fault.message,
    remedy: fault.remedy,
    ...(fault instanceof QueryFault ? { at: fault.at } : {}),
  };
}

/** `BAD_QUERY` → `Bad query`. */
function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const unknownRoute: RequestHandler = (request) => {
  throw new Fault(
    'NOT_FOUND',
    `There is no ${request.method} ${request.originalUrl.split('?')[0]}`,
  );
};

/** Behind all handlers of a path: the path exists, the method does not. */
export function methodNotAllowed(...allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.setHeader('Allow', allowed.join(', '));
    throw new Fault('METHOD_NOT_ALLOWED', `${request.method} is not for this path`);
  };
}

/** Tells the cause of what is ours to mend to `report`, and the client only that it is ours. */
export function problemHandler(report: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const fault = faultOf(error);
    if (fault.status === 500) report(error);
    if (response.headersSent) {
      next(error);
      return;
    }
    sendProblem(response, fault);
  };
}

export function sendProblem(response: Response, fault: Fault): void {
  if (fault.retryAfterS !== null) response.setHeader('Retry-After', String(fault.retryAfterS));
  response
    .status(fault.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(fault)));
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // Express and its body parser mark what the client did wrong with a status below 500.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return new Fault('BODY_TOO_LARGE', 'The body is too large', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Fault('BAD_PARAMETER', 'The address or the body cannot be read', { cause: error });
  }
  return new Fault('INTERNAL', 'Something went wrong on our side', { cause: error });
}
