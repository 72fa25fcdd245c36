import { parseDurationMs } from '@throughline/model/time';
import type { Request, Router } from 'express';
import { Fault } from '../../errors.js';
import { correctBody, decisionBody } from '../parameters/learned-parameters.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { methodNotAllowed } from '../problem.js';
import type { QuerySources, SaidOfLearned } from '../sources.js';
import { workflowDetail } from '../view/workflow-detail.js';
import { jsonBodyOf, readJsonBody } from './json-body.js';

/** What people say over what was learned. The answer is the workflow as it stands afterwards. */
export function routeLearned(router: Router, sources: QuerySources): void {
  const route = (path: string, read: (body: unknown) => Said): void => {
    router
      .route(path)
      .post(readJsonBody, async (request: Request<{ name: string; id?: string }>, response) => {
        const { name: workflow, id } = request.params;
        if (workflowDetail(workflow, sources, sources.clock.now()) === undefined) {
          throw new Fault('NOT_FOUND', `There is no workflow ${workflow}`);
        }
        const said = read(jsonBodyOf(request));
        await sources.learnDesk.say({ ...said, workflow, reaction: id ?? null });
        response.json(workflowDetail(workflow, sources, sources.clock.now()));
      })
      .all(methodNotAllowed('POST'));
  };
  for (const act of ['reset', 'restore'] as const) {
    const read = (body: unknown): Said => {
      const { actor, note = null } = parseParameters(decisionBody, body);
      return { act: { act }, actor, note };
    };
    route(`/workflows/:name/${act}`, read);
    route(`/workflows/:name/learned/:id/${act}`, read);
  }
  route('/workflows/:name/learned/:id/correct', (body) => {
    const { actor, note = null, deadline } = parseParameters(correctBody, body);
    const deadlineMs = deadline === undefined ? null : (parseDurationMs(deadline) ?? null);
    return { act: { act: 'correct', deadlineMs }, actor, note };
  });
}

type Said = Omit<SaidOfLearned, 'workflow' | 'reaction'>;
