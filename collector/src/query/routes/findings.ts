import type { FindingView } from '@throughline/model/api/findings';
import type { Finding, Severity } from '@throughline/model/finding';
import { nsFromMs, parseDurationMs, type UnixNs } from '@throughline/model/time';
import type { Request, Router } from 'express';
import { Fault } from '../../errors.js';
import { pageOf } from '../page-of.js';
import { findingListParameters, noteBody, snoozeBody } from '../parameters/finding-parameters.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { methodNotAllowed } from '../problem.js';
import type { FindingAct, QuerySources } from '../sources.js';
import { findingView } from '../view/finding-view.js';
import { jsonBodyOf, readJsonBody } from './json-body.js';

export function routeFindings(router: Router, sources: QuerySources): void {
  router
    .route('/findings')
    .get((request, response) => {
      response.json(findingList(request.query, sources));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/findings/:id')
    .get((request, response) => {
      const { id } = request.params;
      const found = sources.findings.findings().find((finding) => finding.id === id);
      if (found === undefined) throw unknownFinding(id);
      response.json(findingView(found));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  for (const act of ['acknowledge', 'snooze', 'close'] as const) {
    router
      .route(`/findings/:id/${act}`)
      .post(readJsonBody, async (request, response) => {
        const { id } = request.params;
        const changed = await sources.findingDesk.act(id, actOf(act, request, sources));
        if (changed === undefined) throw unknownFinding(id);
        response.json(findingView(changed));
      })
      .all(methodNotAllowed('POST'));
  }
}

function actOf(
  act: FindingAct['act'],
  request: Request<{ id: string }, unknown, unknown>,
  sources: QuerySources,
): FindingAct {
  const body = jsonBodyOf(request);
  if (act !== 'snooze') return { act, note: parseParameters(noteBody, body).note ?? null };
  const parameters = parseParameters(snoozeBody, body);
  const { untilRuns = null } = parameters;
  const found = sources.findings.findings().find(({ id }) => id === request.params.id);
  if (untilRuns !== null && found !== undefined && found.runsAffected >= untilRuns) {
    const message = `untilRuns: it affects ${found.runsAffected} runs already`;
    throw new Fault('BAD_PARAMETER', message);
  }
  return {
    act,
    untilNs: parameters.for === undefined ? null : untilNs(parameters.for, sources),
    untilRuns,
    note: parameters.note ?? null,
  };
}

function untilNs(length: string, { clock }: QuerySources): UnixNs {
  return (clock.now() + nsFromMs(parseDurationMs(length) ?? 0)) as UnixNs;
}

export function findingList(input: unknown, sources: QuerySources) {
  const { rule, state, workflow, ...page } = parseParameters(findingListParameters, input);
  const wanted = sources.findings
    .findings()
    .filter(
      (finding) =>
        fits(rule, finding.rule) &&
        fits(state, finding.state) &&
        (workflow.length === 0 ||
          (finding.workflow !== null && workflow.includes(finding.workflow))),
    );
  return pageOf<FindingView>(gravestFirst(wanted).map(findingView), ({ id }) => id, page);
}

const SEVERITY_RANK: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** Open before closed, grave before light, young before old. */
function gravestFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      Number(a.state === 'closed') - Number(b.state === 'closed') ||
      SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
      (a.openedAtNs === b.openedAtNs ? 0 : a.openedAtNs > b.openedAtNs ? -1 : 1) ||
      a.id.localeCompare(b.id),
  );
}

function fits<T>(wanted: readonly T[], value: T): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function unknownFinding(id: string): Fault {
  return new Fault('NOT_FOUND', `There is no finding ${id}`);
}
