import type { AlertMatch } from '@throughline/model/alert';
import type { AlertView } from '@throughline/model/api/alerts';
import { formatInstant, nsFromMs, parseDurationMs, type UnixNs } from '@throughline/model/time';
import type { Router } from 'express';
import { Fault } from '../../errors.js';
import { pageOf } from '../page-of.js';
import {
  alertListParameters,
  previewParameters,
  silenceBody,
} from '../parameters/alert-parameters.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { methodNotAllowed } from '../problem.js';
import type { QuerySources, WantedSilence } from '../sources.js';
import { listParameters } from './catalog.js';
import { jsonBodyOf, readJsonBody } from './json-body.js';

/** Who was told what; tests of receivers; silences. */
export function routeAlerts(router: Router, sources: QuerySources): void {
  const { alertDesk } = sources;
  const holds = ({ state }: AlertView): boolean => state !== 'resolved';
  const fired = ({ firedAt }: AlertView): boolean => firedAt !== null;
  for (const [path, belongs] of [
    ['/alerts', holds],
    ['/alerts/history', fired],
  ] as const) {
    router
      .route(path)
      .get((request, response) => {
        response.json(alertList(request.query, alertDesk.alerts().filter(belongs)));
      })
      .all(methodNotAllowed('GET', 'HEAD'));
  }
  routeHealth(router, sources);
  router
    .route('/alerts/receivers')
    .get((request, response) => {
      const page = parseParameters(listParameters, request.query);
      response.json(pageOf(alertDesk.receivers(), ({ name }) => name, page));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/alerts/receivers/:name/test')
    .post(readJsonBody, async (request, response) => {
      jsonBodyOf(request);
      const { name } = request.params;
      await alertDesk.test(name);
      const at = formatInstant(sources.clock.now());
      response.json({ receiver: name, delivered: true, at });
    })
    .all(methodNotAllowed('POST'));
  routeSilences(router, sources);
}

function routeHealth(router: Router, { alertDesk }: QuerySources): void {
  router
    .route('/alerts/health')
    .get((_request, response) => {
      response.json(alertDesk.health());
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/alerts/preview')
    .get((request, response) => {
      const { window, repeat, ...route } = parseParameters(previewParameters, request.query);
      response.json(
        alertDesk.preview({
          match: matchOf(route),
          forMs: parseDurationMs(route.for) ?? 0,
          repeatMs: parseDurationMs(repeat) ?? 0,
          windowMs: parseDurationMs(window) ?? 0,
        }),
      );
    })
    .all(methodNotAllowed('GET', 'HEAD'));
}

type SomeOf<T> = { readonly [K in keyof T]?: T[K] | undefined };

function matchOf({ rule, workflow, service, severity }: SomeOf<AlertMatch>): AlertMatch {
  return {
    rule: rule ?? null,
    workflow: workflow ?? null,
    service: service ?? null,
    severity: severity ?? null,
  };
}

function routeSilences(router: Router, { alertDesk, clock }: QuerySources): void {
  router
    .route('/alerts/silences')
    .get((request, response) => {
      const page = parseParameters(listParameters, request.query);
      response.json(pageOf(alertDesk.silences(), ({ id }) => id, page));
    })
    .post(readJsonBody, async (request, response) => {
      const wanted = wantedSilence(jsonBodyOf(request), clock.now());
      response.json(await alertDesk.silence(wanted));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
  router
    .route('/alerts/silences/:id')
    .delete(async (request, response) => {
      const { id } = request.params;
      if (!(await alertDesk.endSilence(id))) {
        throw new Fault('NOT_FOUND', `There is no silence ${id}`);
      }
      response.json({ id });
    })
    .all(methodNotAllowed('DELETE'));
}

function alertList(input: unknown, alerts: readonly AlertView[]) {
  const { state, receiver, ...page } = parseParameters(alertListParameters, input);
  const wanted = alerts.filter(
    (alert) =>
      (state.length === 0 || state.includes(alert.state)) &&
      (receiver.length === 0 || receiver.includes(alert.receiver)),
  );
  return pageOf(wanted, ({ id }) => id, page);
}

function wantedSilence(body: unknown, now: UnixNs): WantedSilence {
  const { match, note, ...parameters } = parseParameters(silenceBody, body);
  return {
    match: matchOf(match),
    endsAtNs: (now + nsFromMs(parseDurationMs(parameters.for) ?? 0)) as UnixNs,
    note: note ?? null,
  };
}
