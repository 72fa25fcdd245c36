import { Router } from 'express';

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Told, and no reason to take nothing: spans can be taken and shown all the same. */
  readonly isAside?: boolean;
  /** One sentence that says why not, or how it is. */
  readonly reason: string;
}

export interface OperatingSources {
  readonly checks: () => readonly HealthCheck[];
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

/** Whether spans can be taken and questions answered. */
export function isReadyBy(checks: readonly HealthCheck[]): boolean {
  return checks.every(({ ok, isAside }) => ok || isAside === true);
}

/** `/livez`: the process answers. `/readyz`: it can take spans and answer questions; if not, why. `/metrics`. */
export function operatingRouter({ checks, metrics }: OperatingSources): Router {
  const router = Router();
  router.get('/livez', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store').json({ status: 'alive' });
  });
  router.get(['/readyz', '/healthz'], (request, response) => {
    const all = checks();
    const isReady = isReadyBy(all);
    const isVerbose = 'verbose' in request.query;
    response
      .status(isReady ? 200 : 503)
      .setHeader('Cache-Control', 'no-store')
      .json({
        status: isReady ? 'ready' : 'not-ready',
        reasons: all.filter(({ ok }) => !ok).map(({ reason }) => reason),
        ...(isVerbose ? { checks: all } : {}),
      });
  });
  router.get('/metrics', async (_request, response) => {
    const text = await metrics.text();
    response.setHeader('Cache-Control', 'no-store').type(metrics.contentType).send(text);
  });
  return router;
}
