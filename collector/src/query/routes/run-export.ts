import type { Router } from 'express';
import { Fault } from '../../errors.js';
import { mermaidOf } from '../export/mermaid.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { runExportParameters } from '../parameters/run-parameters.js';
import { methodNotAllowed } from '../problem.js';
import type { QuerySources } from '../sources.js';
import { runDetail } from '../view/run-detail.js';
import { findRun } from './find-run.js';

export function routeRunExport(router: Router, sources: QuerySources): void {
  router
    .route('/runs/:id/export')
    .get((request, response) => {
      const { format } = parseParameters(runExportParameters, request.query);
      const { run, summary } = findRun(request.params.id, sources);
      response.attachment(`${run.id}.${format === 'mermaid' ? 'mmd' : `${format}.json`}`);
      switch (format) {
        case 'json': {
          const page = { steps: run.steps, next: null };
          const sentence = sources.explain(run);
          response.json(runDetail({ run, summary, page, findings: sources.findings, sentence }));
          return;
        }
        case 'otlp':
          response.json(sources.exportOtlp(run));
          return;
        case 'mermaid':
          response.type('text/plain; charset=utf-8').send(mermaidOf(run));
          return;
        case 'ocel':
        case 'xes':
        case 'evidence':
          response.removeHeader('Content-Disposition');
          throw new Fault('NOT_IN_THIS_VERSION', `This version does not write ${format} yet`);
      }
    })
    .all(methodNotAllowed('GET', 'HEAD'));
}
