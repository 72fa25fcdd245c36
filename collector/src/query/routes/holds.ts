import type { Router } from 'express';
import { Fault } from '../../errors.js';
import { pageOf } from '../page-of.js';
import { holdBody } from '../parameters/hold-parameters.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { methodNotAllowed } from '../problem.js';
import { keyTermOf } from '../run-filter.js';
import type { QuerySources } from '../sources.js';
import { listParameters } from './catalog.js';
import { jsonBodyOf, readJsonBody } from './json-body.js';

/** What retention must leave alone. */
export function routeHolds(router: Router, sources: QuerySources): void {
  const { holdDesk } = sources;
  router
    .route('/holds')
    .get((request, response) => {
      const page = parseParameters(listParameters, request.query);
      response.json(pageOf(holdDesk.holds(), ({ id }) => id, page));
    })
    .post(readJsonBody, async (request, response) => {
      const { key, run, note } = parseParameters(holdBody, jsonBodyOf(request));
      const wanted = {
        key: key === undefined ? null : keyTermOf(key, sources.tables.runs),
        runId: run ?? null,
        note: note ?? null,
      };
      response.json(await holdDesk.hold(wanted));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
  router
    .route('/holds/:id')
    .delete(async (request, response) => {
      const { id } = request.params;
      if (!(await holdDesk.lift(id))) throw new Fault('NOT_FOUND', `There is no hold ${id}`);
      response.json({ id });
    })
    .all(methodNotAllowed('DELETE'));
}
