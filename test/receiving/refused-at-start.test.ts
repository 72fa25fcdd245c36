import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCollector } from '@throughline/collector';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-refused-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function complaint(env: Readonly<Record<string, string>>, port = 0): Promise<string> {
  try {
    const collector = await createCollector({ port, data: join(folder, 'data'), env, cwd: folder });
    await collector.close();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the collector started');
}

describe('a start is refused', () => {
  test('when other machines could reach the gRPC port', async () => {
    const said = await complaint({ THROUGHLINE_SERVER__GRPC: '0.0.0.0:0' });
    expect(said).toContain('Other machines could reach 0.0.0.0');
  });

  test('when another program has the gRPC port, and names the flag for another one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const said = await complaint({ THROUGHLINE_GRPC_PORT: String(port) });
    expect(said).toMatch(/port \d+ is free: --grpc-port \d+/);
    other.close();
    // Nothing was left open: the data folder can be used at once.
    expect(await complaint({ THROUGHLINE_SERVER__GRPC: '0.0.0.0:0' })).toContain('0.0.0.0');
  });

  test.each(['http://127.0.0.1:4999', 'http://localhost:4999/otlp', 'http://[::1]:4999'])(
    'when everything would be passed on to itself: %s',
    async (endpoint) => {
      const said = await complaint({ THROUGHLINE_FORWARD: endpoint }, 4999);
      expect(said).toContain('is this collector itself');
    },
  );
});
