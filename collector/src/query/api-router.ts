import { Router } from 'express';
import { DOCS_STYLE, docsPage } from './docs-page.js';
import { API_ROOT, openApiDocument } from './openapi.js';
import { knownParametersOnly } from './parameters/known-parameters.js';
import { methodNotAllowed, problemHandler, unknownRoute } from './problem.js';
import { routeAlerts } from './routes/alerts.js';
import { routeCatalog } from './routes/catalog.js';
import { routeConfig } from './routes/config.js';
import { routeFindings } from './routes/findings.js';
import { routeHolds } from './routes/holds.js';
import { routeLearned } from './routes/learned.js';
import { routeMap } from './routes/map.js';
import { routeRuns } from './routes/runs.js';
import type { QuerySources } from './sources.js';

/**
 * `/api`: the read API, its OpenAPI document and its reference page.
 *
 * @param report is told of faults that are ours to mend.
 */
export function apiRouter(sources: QuerySources, report: (error: unknown) => void): Router {
  const api = Router();
  const v1 = Router();
  v1.use(knownParametersOnly);
  routeRuns(v1, sources);
  routeMap(v1, sources);
  routeCatalog(v1, sources);
  routeLearned(v1, sources);
  routeFindings(v1, sources);
  routeAlerts(v1, sources);
  routeConfig(v1, sources);
  routeHolds(v1, sources);
  // Answers change with every span: a client may keep them, and asks with their ETag before it uses them.
  api.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-cache');
    next();
  });
  routeReference(api, sources.version);
  api.use(API_ROOT.replace('/api', ''), v1);
  api.use(unknownRoute);
  api.use(problemHandler(report));
  return api;
}

function routeReference(api: Router, version: string): void {
  const document = openApiDocument(version);
  const page = docsPage(document);
  const only = methodNotAllowed('GET', 'HEAD');
  api
    .route('/v1/openapi.json')
    .get((_request, response) => {
      response.json(document);
    })
    .all(only);
  api
    .route('/docs')
    .get((_request, response) => {
      response.type('html').send(page);
    })
    .all(only);
  api
    .route('/docs/style.css')
    .get((_request, response) => {
      response.type('css').send(DOCS_STYLE);
    })
    .all(only);
}
