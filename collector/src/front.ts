import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type Express, type RequestHandler } from 'express';
import type { Fault } from './errors.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { apiRouter } from './query/api-router.js';
import { operatingRouter, type OperatingSources } from './query/operating-router.js';
import { PROBLEM_TYPE, problemHandler, problemOf, unknownRoute } from './query/problem.js';
import type { QuerySources } from './query/sources.js';
import { uiRouter } from './query/ui-router.js';
import type { RequestGuard } from './security/request-guard.js';
import { securityHeaders } from './security/headers.js';

/** Takes a request for sending spans; false when it is not one. */
export type Receive = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FrontParts {
  readonly guard: RequestGuard;
  readonly operating: OperatingSources;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly nowMs: () => number;
}

export interface ReadingParts {
  readonly sources: QuerySources;
  /** Undefined once the stored facts are replayed. */
  readonly notYet: () => Fault | undefined;
  /** Brings the tables up to what is committed: a client reads its own writes. */
  readonly settle: () => void;
  readonly uiFolder: string;
  readonly basePath: string;
}

/**
 * One door for every request: the guard first, then the receivers of spans, which see the bare request, then
 * Express. `receive` and `reading` are each null where another address has that part.
 */
export function front(
  parts: FrontParts,
  receive: Receive | null,
  reading: ReadingParts | null,
): RequestListener {
  const app = expressApp(parts, reading);
  return (request, response) => {
    const startedMs = parts.nowMs();
    const route = routeOf(request.url ?? '');
    response.once('finish', () => {
      parts.metrics.observeRequest(route, response.statusCode, parts.nowMs() - startedMs);
    });
    const fault = parts.guard.faultOf(request);
    if (fault !== undefined) refuse(response, fault);
    else if (receive?.(request, response) !== true) app(request, response);
  };
}

function expressApp({ operating, log }: FrontParts, reading: ReadingParts | null): Express {
  const report = (error: unknown): void => log.error(error, 'a request failed');
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(securityHeaders());
  app.use(operatingRouter(operating));
  if (reading !== null) {
    app.use('/api', whenReady(reading), apiRouter(reading.sources, report));
    app.use(uiRouter(reading.uiFolder, reading.basePath));
  }
  app.use(unknownRoute);
  app.use(problemHandler(report));
  return app;
}

function whenReady({ notYet, settle }: ReadingParts): RequestHandler {
  return (_request, _response, next) => {
    const fault = notYet();
    if (fault === undefined) settle();
    next(fault);
  };
}

function refuse(response: ServerResponse, fault: Fault): void {
  response.writeHead(fault.status, { 'Content-Type': PROBLEM_TYPE, Connection: 'close' });
  response.end(JSON.stringify(problemOf(fault)));
}

/** Labels of a metric are of a closed set: never the path that somebody asked for. */
function routeOf(url: string): string {
  if (url.startsWith('/v1/') || url.startsWith('/api/v2/')) return 'ingest';
  if (url.startsWith('/api/')) return 'api';
  return /^\/(livez|readyz|healthz|metrics)\b/.test(url) ? 'operating' : 'ui';
}
