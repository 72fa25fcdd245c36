import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Document } from 'yaml';
import { RECEIVER_KINDS } from '@throughline/model/alert';
import { BROKER_KINDS } from '@throughline/model/broker';
import { AddressGuard } from '../collector/src/alert/address-guard.js';
import { openReceivers } from '../collector/src/alert/open-receivers.js';
import { loadConfig } from '../collector/src/config/load-config.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-documents-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function textOf(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

function load(yaml: string, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(folder, 'throughline.yaml'), yaml);
  return loadConfig({ flags: {}, env, cwd: folder });
}

/** The first example below a heading of docs/operating.md. */
function exampleBelow(heading: string): string {
  const [, below = ''] = textOf('docs/operating.md').split(`\n## ${heading}\n`);
  return /```yaml\n([\s\S]*?)```/.exec(below)?.[1] ?? '';
}

describe('the configuration that README.md shows', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(textOf('README.md')) ?? [];

  it('is accepted, and means what the text beside it says', () => {
    const { policy } = load(yaml);
    expect(policy.keys).toEqual([{ attribute: 'order.id', type: 'order', relation: 'same' }]);
    expect(policy.flows.map(({ workflow }) => workflow)).toEqual(['order']);
    expect(policy.flows[0]?.expects).toEqual([
      { after: 'payment.captured', event: 'stock.reserved', by: 'inventory', withinMs: 30_000 },
    ]);
    expect(policy.noConsumerExpected).toEqual(['audit.*']);
    expect(policy.owners.map(({ team }) => team)).toEqual(['stock']);
  });
});

describe('the alerts that docs/operating.md shows', () => {
  const yaml = exampleBelow('Alerts');

  it('are accepted as they stand, and may be sent to', () => {
    const { alerts, ui } = load(yaml);
    expect(ui.url).toBe('https://throughline.example');
    const guard = new AddressGuard(alerts.allowPrivate);
    const opened = openReceivers(alerts.receivers, { guard, write: () => undefined });
    expect([...opened.values()].map(({ kind }) => kind).sort()).toEqual([...RECEIVER_KINDS].sort());
    expect(alerts.routes.map(({ receiver, forMs }) => [receiver, forMs])).toEqual([
      ['oncall', 300_000],
      ['team', 60_000],
      ['log', 0],
    ]);
  });
});

describe('the forwarding that docs/operating.md shows', () => {
  it('is accepted, with its secret from the environment', () => {
    const { forward } = load(exampleBelow('Passing on'), { OTEL_TOKEN: 'hush' });
    expect(forward?.endpoint.href).toBe('https://otel.example:4318/');
    expect(forward?.headers).toEqual({ authorization: 'Bearer hush' });
  });
});

describe('the defaults that docs/operating.md lists', () => {
  const rows = [...textOf('docs/operating.md').matchAll(/^\| `([a-z_.]+)` \| `([^`]+)` \|/gm)];

  it('are those that an empty configuration has', () => {
    expect(rows.length).toBeGreaterThan(5);
    const document = new Document({});
    for (const [, key = '', value = ''] of rows) document.setIn(key.split('.'), value);
    const written = document.toString();
    expect({ ...load(written), documents: [] }).toEqual({ ...load(''), documents: [] });
  });
});

describe('the brokers that docs/operating.md shows', () => {
  it('are accepted as they stand, one of each kind', () => {
    const { brokers } = load(exampleBelow('Asking the brokers'));
    expect(brokers.map(({ kind }) => kind).sort()).toEqual([...BROKER_KINDS].sort());
    expect(brokers.find(({ kind }) => kind === 'kafka')).toMatchObject({
      bootstrap: [{ port: 9_092 }, { port: 9_092 }],
      mechanism: 'SCRAM-SHA-512',
    });
  });
});
