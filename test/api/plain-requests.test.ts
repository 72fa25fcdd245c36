import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

/** What `curl` sends when nothing is said: any type will do. */
const anything = { accept: '*/*' };
const uiFolder = mkdtempSync(join(tmpdir(), 'throughline-ui-'));
let collector: OpenCollector;

beforeAll(async () => {
  writeFileSync(join(uiFolder, 'index.html'), '<head><base href="/" /></head>the pages');
  collector = await openCollector({ uiFolder });
});
afterAll(async () => {
  await collector.close();
  rmSync(uiFolder, { recursive: true, force: true });
});

const ask = (path: string, headers: Record<string, string> = anything): Promise<Response> =>
  fetch(collector.url + path, { headers });

describe('a request that takes any type', () => {
  it.each(['/', '/map', '/runs', '/runs/r_x', '/findings?state=open', '/workflows/order.placed'])(
    'gets the page at %s',
    async (path) => {
      const response = await ask(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(await response.text()).toContain('the pages');
    },
  );

  it.each(['/api/v1/nothing', '/api/nothing', '/v1/nothing', '/v1', '/nothing.js', '/robots.txt'])(
    'gets a problem at %s, where there is nothing',
    async (path) => {
      const response = await ask(path);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    },
  );
});

it('a request for JSON gets a problem where there is a page', async () => {
  for (const accept of ['application/json', 'application/json, */*;q=0.1']) {
    const response = await ask('/runs', { accept });
    expect(response.status, accept).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  }
});

const posted = { method: 'POST', headers: { 'content-type': 'application/json' } };
const polling = '/socket.io/?EIO=4&transport=polling';

it.each<[string, RequestInit, number]>([
  ['/v1/traces', { ...posted, body: '{}' }, 200],
  ['/v1/traces', { ...posted, body: '<script>' }, 400],
  ['/api/v2/spans', { ...posted, body: '[]' }, 202],
  [polling, {}, 200],
  ['/socket.io/?EIO=4&transport=none', {}, 400],
  ['/livez', {}, 200],
  ['/nothing.js', {}, 404],
])('no browser guesses what the answer of %s is', async (path, how, status) => {
  const response = await fetch(collector.url + path, how);
  expect(response.status).toBe(status);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  await response.text();
});
