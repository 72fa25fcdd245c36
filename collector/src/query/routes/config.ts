import type { Router } from 'express';
import { parseParameters } from '../parameters/parse-parameters.js';
import { reloadBody } from '../parameters/reload-parameters.js';
import { methodNotAllowed } from '../problem.js';
import type { QuerySources } from '../sources.js';
import { jsonBodyOf, readJsonBody } from './json-body.js';

/** Reading the configuration again, and what comes of it. */
export function routeConfig(router: Router, { reloadDesk }: QuerySources): void {
  router
    .route('/config/reload')
    .get((_request, response) => {
      response.json(reloadDesk.state());
    })
    .post(readJsonBody, (request, response) => {
      const { force } = parseParameters(reloadBody, jsonBodyOf(request));
      response.status(202).json(reloadDesk.reload(force === true));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
}
