import type { RunDetail } from '@throughline/model/api/runs';
import type { UnixNs } from '@throughline/model/time';
import type { Run } from '@throughline/model/run';
import type { Router } from 'express';
import { Fault } from '../../errors.js';
import { badCursor, decodeCursor, encodeCursor } from '../cursor.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import {
  runDetailParameters,
  runFilterParameters,
  runListParameters,
} from '../parameters/run-parameters.js';
import { methodNotAllowed } from '../problem.js';
import { runFilterOf } from '../run-filter.js';
import type { QuerySources } from '../sources.js';
import { runDetail, type StepPage } from '../view/run-detail.js';
import { runItem } from '../view/run-item.js';
import { findRun } from './find-run.js';
import { routeRunExport } from './run-export.js';

export function routeRuns(router: Router, sources: QuerySources): void {
  router
    .route('/runs')
    .get((request, response) => {
      response.json(runList(request.query, sources));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/runs/facets')
    .get((request, response) => {
      response.json(runFacets(request.query, sources));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/runs/:id')
    .get((request, response) => {
      response.json(runDetailOf(request.params.id, request.query, sources));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  routeRunExport(router, sources);
}

export function runList(input: unknown, sources: QuerySources) {
  const parameters = windowed(parseParameters(runListParameters(sources.clock.now()), input));
  const page = sources.tables.runs.list({
    filter: runFilterOf(parameters, sources),
    ...parameters.sort,
    limit: parameters.limit,
    cursor: parameters.cursor ?? null,
  });
  return { items: page.items.map((run) => runItem(run, sources.findings)), next: page.next };
}

/** How many of the filtered runs have each value: what the facets of the run list show. */
function runFacets(input: unknown, sources: QuerySources) {
  const parameters = windowed(parseParameters(runFilterParameters(sources.clock.now()), input));
  const facets = sources.tables.runs.facets(runFilterOf(parameters, sources));
  return {
    isComplete: facets.isComplete,
    total: facets.total,
    workflow: Object.fromEntries(facets.workflow),
    status: Object.fromEntries(facets.status),
    pattern: Object.fromEntries(facets.pattern),
    service: Object.fromEntries(facets.service),
    destination: Object.fromEntries(facets.destination),
  };
}

/** @throws Fault BAD_PARAMETER when the window ends before it begins. */
function windowed<T extends { from?: UnixNs | undefined; to?: UnixNs | undefined }>(window: T): T {
  if (window.from !== undefined && window.to !== undefined && window.from > window.to) {
    throw new Fault('BAD_PARAMETER', 'from: lies after to');
  }
  return window;
}

export function runDetailOf(id: string, input: unknown, sources: QuerySources): RunDetail {
  const parameters = parseParameters(runDetailParameters, input);
  const { run, summary } = findRun(id, sources);
  const page = stepPage(run, parameters.steps_limit, parameters.steps_cursor);
  return runDetail({
    run,
    summary,
    page,
    findings: sources.findings,
    sentence: sources.explain(run),
  });
}

function stepPage(run: Run, limit: number, cursor: string | undefined): StepPage {
  const start = cursor === undefined ? 0 : startAfter(run, cursor);
  const steps = run.steps.slice(start, start + limit);
  const last = steps.at(-1);
  const hasMore = start + limit < run.steps.length;
  return { steps, next: hasMore && last !== undefined ? encodeCursor(last.step.id) : null };
}

function startAfter(run: Run, cursor: string): number {
  const id = decodeCursor(cursor, 'steps_cursor');
  const at = run.steps.findIndex(({ step }) => step.id === id);
  if (at < 0) throw badCursor('steps_cursor');
  return at + 1;
}
