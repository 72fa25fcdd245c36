import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { basePath } from './api/address.js';
import { Shell } from './shell/shell.js';
import { NotFound, PageFault } from './shell/page-fault.js';
import { Skeleton } from './part/states.js';
import {
  alertsParams,
  findingsParams,
  mapParams,
  runParams,
  runsParams,
  selectionParams,
} from './url/params.js';
import { parseSearch, stringifySearch } from './url/search-codec.js';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const page = <P extends string>(path: P) => ({ getParentRoute: () => root, path }) as const;

const overview = createRoute({
  ...page('/'),
  component: lazyRouteComponent(() => import('./view/overview/overview.js'), 'Overview'),
});
const map = createRoute({
  ...page('/map'),
  validateSearch: mapParams,
  component: lazyRouteComponent(() => import('./view/map/map-page.js'), 'MapPage'),
});
const runs = createRoute({
  ...page('/runs'),
  validateSearch: runsParams,
  component: lazyRouteComponent(() => import('./view/runs/runs-page.js'), 'RunsPage'),
});
const run = createRoute({
  ...page('/runs/$runId'),
  validateSearch: runParams,
  component: lazyRouteComponent(() => import('./view/run/run-page.js'), 'RunPage'),
});
const findings = createRoute({
  ...page('/findings'),
  validateSearch: findingsParams,
  component: lazyRouteComponent(() => import('./view/findings/findings-page.js'), 'FindingsPage'),
});
const finding = createRoute({
  ...page('/findings/$findingId'),
  component: lazyRouteComponent(() => import('./view/findings/finding-page.js'), 'FindingPage'),
});
const alerts = createRoute({
  ...page('/alerts'),
  validateSearch: alertsParams,
  component: lazyRouteComponent(() => import('./view/alerts/alerts-page.js'), 'AlertsPage'),
});
const deadLetters = createRoute({
  ...page('/dead-letters'),
  validateSearch: selectionParams,
  component: lazyRouteComponent(
    () => import('./view/dead-letters/dead-letters-page.js'),
    'DeadLettersPage',
  ),
});
const workflows = createRoute({
  ...page('/workflows'),
  component: lazyRouteComponent(() => import('./view/catalog/workflows-page.js'), 'WorkflowsPage'),
});
const services = createRoute({
  ...page('/services'),
  validateSearch: selectionParams,
  component: lazyRouteComponent(() => import('./view/catalog/services-page.js'), 'ServicesPage'),
});
const destinations = createRoute({
  ...page('/destinations'),
  validateSearch: selectionParams,
  component: lazyRouteComponent(
    () => import('./view/catalog/destinations-page.js'),
    'DestinationsPage',
  ),
});
const setup = createRoute({
  ...page('/setup'),
  component: lazyRouteComponent(() => import('./view/setup/setup-page.js'), 'SetupPage'),
});
const byKey = createRoute({
  ...page('/k/$key'),
  component: lazyRouteComponent(() => import('./view/permalink/permalink.js'), 'KeyPermalink'),
});
const byTrace = createRoute({
  ...page('/t/$traceId'),
  component: lazyRouteComponent(() => import('./view/permalink/permalink.js'), 'TracePermalink'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    map,
    runs,
    run,
    findings,
    finding,
    alerts,
    deadLetters,
    workflows,
    services,
    destinations,
    setup,
    byKey,
    byTrace,
  ]),
  basepath: basePath,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: Skeleton,
  defaultErrorComponent: PageFault,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
