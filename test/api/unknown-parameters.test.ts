import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../collector/src/query/operations.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

let collector: OpenCollector;
beforeAll(async () => {
  collector = await openCollector();
});
afterAll(() => collector.close());

async function detailOf(path: string): Promise<string> {
  const response = await fetch(`${collector.url}/api/v1${path}`);
  expect(response.status, path).toBe(400);
  return ((await response.json()) as { detail: string }).detail;
}

describe('a parameter that an operation does not have', () => {
  it('is refused with the one that was probably meant', async () => {
    expect(await detailOf('/runs?statsu=failed')).toBe(
      '"statsu" is no parameter here; did you mean status?',
    );
    expect(await detailOf('/runs?limit[]=5')).toContain('did you mean limit?');
    expect(await detailOf('/map?lvel=event')).toContain('did you mean level?');
    expect(await detailOf('/runs/facets?sort=startedAt')).toContain('"sort" is no parameter here');
  });

  it('is refused with those that there are when it resembles none', async () => {
    expect(await detailOf('/findings?wherefore=bar')).toBe(
      '"wherefore" is no parameter here; there are rule, state, workflow, limit, cursor',
    );
    expect(await detailOf('/stats?limit=5')).toBe('"limit": this address takes no parameters');
  });

  it('is refused together with the others', async () => {
    const detail = await detailOf('/runs?statsu=failed&limti=5');
    expect(detail).toContain('did you mean status?');
    expect(detail).toContain('did you mean limit?');
  });

  it('is told back in part when it is long', async () => {
    expect((await detailOf(`/runs?${'x'.repeat(4_000)}=1`)).length).toBeLessThan(300);
  });

  it.each(OPERATIONS.filter(({ method }) => method === 'get').map(({ path }) => path))(
    'is refused by %s',
    async (path) => {
      const address = path.replace(/\{\w+\}/g, 'some');
      expect(await detailOf(`${address}?unheard=of`)).toContain('"unheard"');
    },
  );

  it.each(OPERATIONS.filter(({ query }) => query !== undefined))(
    'is none of those in the table: $path',
    async ({ path, query }) => {
      for (const name of Object.keys(query?.shape ?? {})) {
        const address = `${path.replace(/\{\w+\}/g, 'some')}?${name}=`;
        const response = await fetch(`${collector.url}/api/v1${address}`);
        expect([200, 404], address).toContain(response.status);
      }
    },
  );
});
