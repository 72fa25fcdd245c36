import type { Router } from 'express';
import { z } from 'zod';
import { Fault } from '../../errors.js';
import { pageOf } from '../page-of.js';
import { parseParameters } from '../parameters/parse-parameters.js';
import { cursorParameter, limitParameter } from '../parameters/primitives.js';
import { methodNotAllowed } from '../problem.js';
import type { QuerySources } from '../sources.js';
import { brokerViews } from '../view/broker-figures.js';
import { countedDeadLetters } from '../view/counted-dead-letters.js';
import { countedDestinations } from '../view/counted-destinations.js';
import { deadLetterViews } from '../view/dead-letter-view.js';
import { destinationViews } from '../view/destination-view.js';
import { documentViews } from '../view/document-view.js';
import { serviceView } from '../view/service-view.js';
import { statsView } from '../view/stats-view.js';
import { workflowDetail } from '../view/workflow-detail.js';
import { workflowViews } from '../view/workflow-view.js';

export const listParameters = z.object({ limit: limitParameter(), cursor: cursorParameter });

/** The lists that describe the system as a whole: workflows, destinations, services, dead letters, stats. */
export function routeCatalog(router: Router, sources: QuerySources): void {
  const list = <T>(path: string, read: () => readonly T[], idOf: (item: T) => string): void => {
    router
      .route(path)
      .get((request, response) => {
        response.json(pageOf(read(), idOf, parseParameters(listParameters, request.query)));
      })
      .all(methodNotAllowed('GET', 'HEAD'));
  };
  list(
    '/workflows',
    () => workflowViews(sources, sources.clock.now()),
    ({ name }) => name,
  );
  list(
    '/documents',
    () => documentViews(sources),
    ({ path }) => path,
  );
  list('/destinations', () => destinations(sources), placeOf);
  list(
    '/brokers',
    () => brokerViews(sources.brokers()),
    ({ name }) => name,
  );
  list(
    '/services',
    () => services(sources),
    ({ name }) => name,
  );
  list(
    '/dead-letters',
    () => countedDeadLetters(sources, sources.clock.now()),
    ({ system, destination }) => `${system}/${destination}`,
  );
  router
    .route('/workflows/:name')
    .get((request, response) => {
      const detail = workflowDetail(request.params.name, sources, sources.clock.now());
      if (detail === undefined) {
        throw new Fault('NOT_FOUND', `There is no workflow ${request.params.name}`);
      }
      response.json(detail);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/stats')
    .get((_request, response) => {
      response.json(statsView(sources));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
}

function placeOf({ system, name }: { system: string; name: string }): string {
  return `${system}/${name}`;
}

function destinations(sources: QuerySources) {
  const now = sources.clock.now();
  const { traffic } = sources.tables;
  const seen = destinationViews({ traffic, deadLetters: deadLetterViews(sources, now), now });
  return countedDestinations(seen, sources.brokers(), now);
}

function services(sources: QuerySources) {
  const { tables, policy } = sources;
  const dropped = sources.tally().droppedBySenders;
  return tables.traffic
    .services()
    .map((service) => serviceView(service, policy, dropped.get(service.name) ?? 0))
    .sort((a, b) => a.name.localeCompare(b.name));
}
