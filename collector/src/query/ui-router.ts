import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Router, static as serveStatic, type Request, type Response } from 'express';
import { Fault } from '../errors.js';

/**
 * A path that a reverse proxy put before ours: `/tools/throughline`. Nothing that leads to another origin, and no
 * `.` or `..`: a browser would resolve them, and take its files from elsewhere on the proxy.
 */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;
const HASHED_SECONDS = 31_536_000;

/**
 * The built UI: hashed files for ever, everything else on every visit. Any path that names no file is a page of the
 * UI and gets its document, with `<base href>` set to where the server is seen from.
 *
 * @param folder where `vite build` put the UI; a page says so while it is not there.
 * @param basePath `/` or the path below which a proxy shows the server.
 */
export function uiRouter(folder: string, basePath: string): Router {
  const router = Router();
  router.use(
    '/assets',
    serveStatic(join(folder, 'assets'), { immutable: true, maxAge: HASHED_SECONDS * 1_000 }),
    (request, _response, next) => {
      // A file of another build must be a 404, not the document: a browser would run HTML as script.
      next(new Fault('NOT_FOUND', `There is no file ${request.originalUrl}`));
    },
  );
  router.use(serveStatic(folder, { index: false, cacheControl: false, setHeaders: neverStale }));
  router.get('/{*path}', (request, response, next) => {
    if (!wantsPage(request)) {
      next();
      return;
    }
    sendPage(response, folder, prefixOf(request) ?? basePath);
  });
  return router;
}

function sendPage(response: Response, folder: string, basePath: string): void {
  const file = join(folder, 'index.html');
  neverStale(response);
  response.type('html');
  if (!existsSync(file)) {
    response.status(503).send(NOT_BUILT);
    return;
  }
  const href = basePath.endsWith('/') ? basePath : `${basePath}/`;
  const page = readFileSync(file, 'utf8').replace(/<base href="[^"]*"/, `<base href="${href}"`);
  response.send(page);
}

function prefixOf(request: Request): string | undefined {
  const prefix = request.headers['x-forwarded-prefix'];
  return typeof prefix === 'string' && PREFIX.test(prefix) ? prefix : undefined;
}

/** Names of files that a page may ask for with any type in mind, and the addresses that are for programs. */
const FILE = /\.(?:m?js|css|map|json|svg|png|ico|woff2?|txt|xml|webmanifest)$/;
const FOR_PROGRAMS = /^\/(?:v1|socket\.io)(?:\/|$)/;

/**
 * A person gets a page, and so does a program that takes any type (plain `curl`). What wants JSON gets a problem,
 * and so does whatever asks for a file that is not there without naming HTML: a browser would run a page as script.
 */
function wantsPage(request: Request): boolean {
  if (request.accepts(['html', 'json']) !== 'html' || FOR_PROGRAMS.test(request.path)) return false;
  return request.accepts(['json', 'html']) === 'html' || !FILE.test(request.path);
}

function neverStale(response: Pick<Response, 'setHeader'>): void {
  response.setHeader('Cache-Control', 'no-cache');
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Throughline</title></head>
<body>
<h1>The pages are not built yet</h1>
<p>The collector runs and takes spans. To see its pages, run <code>npm run build</code> and start it again.</p>
<p>The <a href="api/docs">API</a> is here already.</p>
</body>
</html>
`;
