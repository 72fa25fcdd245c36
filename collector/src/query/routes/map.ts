import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Router } from 'express';
import { Fault } from '../../errors.js';
import type { TrafficWindow } from '../../store/read-store.js';
import { mapParameters, type MapParameters } from '../parameters/map-parameters.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { methodNotAllowed } from '../problem.js';
import type { QuerySources } from '../sources.js';
import { mapView } from '../view/map-view.js';

const HOUR_MS = 3_600_000;

export function routeMap(router: Router, sources: QuerySources): void {
  router
    .route('/map')
    .get((request, response) => {
      response.json(mapOf(request.query, sources));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
}

export function mapOf(input: unknown, sources: QuerySources) {
  const now = sources.clock.now();
  return mapView(windowOf(parseParameters(mapParameters(now), input)), sources, now);
}

function windowOf({ from, to, at, workflow, level }: MapParameters): TrafficWindow {
  if (at !== undefined && to !== undefined) {
    throw new Fault('BAD_PARAMETER', 'at: is the end of the window already; leave out to');
  }
  const toNs = at ?? to ?? null;
  const hourBefore = at === undefined ? null : ((at - nsFromMs(HOUR_MS)) as UnixNs);
  const fromNs = from ?? hourBefore;
  if (fromNs !== null && toNs !== null && fromNs > toNs) {
    throw new Fault('BAD_PARAMETER', 'from: lies after the end of the window');
  }
  return { fromNs, toNs, workflow: workflow ?? null, level };
}
