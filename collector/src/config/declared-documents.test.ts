import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

const RECORDED = fileURLToPath(new URL('../../../fixtures/recorded/', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-documents-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function policyWith(...entries: readonly object[]) {
  writeFileSync(join(folder, 'throughline.yaml'), JSON.stringify({ flows: entries }));
  return loadConfig({ flags: {}, env: {}, cwd: folder });
}

function declaredBy(document: string) {
  writeFileSync(join(folder, 'asyncapi.yaml'), document);
  return policyWith({ asyncapi: './asyncapi.yaml' }).policy.declared;
}

interface ChannelTruth {
  readonly title: string;
  readonly channels: readonly { readonly name: string; readonly address: string }[];
  readonly operations: readonly {
    readonly action: 'send' | 'receive';
    readonly address: string;
    readonly messages: readonly string[];
  }[];
}

const asyncapiTruth = Object.entries(
  JSON.parse(readFileSync(join(RECORDED, 'asyncapi/truth.json'), 'utf8')) as Record<
    string,
    ChannelTruth
  >,
);

describe('an AsyncAPI document', () => {
  it.each(asyncapiTruth)('%s declares its application, channels and operations', (path, truth) => {
    const { policy, documents } = policyWith({ asyncapi: join(RECORDED, path) });
    const { declared } = policy;
    expect(documents).toContain(join(RECORDED, path));
    expect(declared?.services.map(({ name }) => name)).toEqual([truth.title]);
    expect(declared?.destinations.map(({ name }) => name).sort()).toEqual(
      truth.channels.map(({ address }) => address).sort(),
    );
    for (const { action, address, messages } of truth.operations) {
      const moved = declared?.movements.find(
        ({ kind, destination }) =>
          destination === address && kind === (action === 'send' ? 'send' : 'take'),
      );
      expect(moved?.service).toBe(truth.title);
      expect(moved?.messageTypes).toEqual(expect.arrayContaining([...messages]));
    }
    const directions = new Set(truth.operations.map(({ action, address }) => action + address));
    expect(declared?.movements.length).toBe(directions.size);
  });

  it('names the broker as spans do', () => {
    const { declared } = policyWith({
      asyncapi: join(RECORDED, 'asyncapi/streetlights-kafka-asyncapi.yml'),
    }).policy;
    expect(new Set(declared?.destinations.map(({ system }) => system))).toEqual(new Set(['kafka']));
  });

  it('of version 2 means the other party: one publishes to the application', () => {
    const declared = declaredBy(`
asyncapi: 2.6.0
info: { title: Billing, version: 1.0.0 }
servers: { production: { url: broker, protocol: nats } }
channels:
  order.placed:
    publish: { message: { $ref: '#/components/messages/OrderPlaced' } }
  invoice.made:
    subscribe: { message: { oneOf: [ { $ref: '#/components/messages/Made' }, { name: Copied } ] } }
components:
  messages:
    OrderPlaced: { payload: {} }
    Made: { payload: {} }
`);
    const told = declared?.movements.map(({ kind, destination, messageTypes, system }) => ({
      kind,
      destination,
      messageTypes,
      system,
    }));
    expect(told).toEqual([
      { kind: 'take', destination: 'order.placed', messageTypes: ['OrderPlaced'], system: 'nats' },
      {
        kind: 'send',
        destination: 'invoice.made',
        messageTypes: ['Made', 'Copied'],
        system: 'nats',
      },
    ]);
  });

  it('that receives a request with a reply sends the reply', () => {
    const declared = declaredBy(`
asyncapi: 3.0.0
info: { title: Sums, version: 1.0.0 }
channels:
  ask: { address: sums.ask, messages: { Ask: {} } }
  answer: { address: sums.answer, messages: { Answer: {} } }
operations:
  sum:
    action: receive
    channel: { $ref: '#/channels/ask' }
    reply: { channel: { $ref: '#/channels/answer' } }
`);
    expect(declared?.movements.map(({ kind, destination }) => `${kind} ${destination}`)).toEqual([
      'take sums.ask',
      'send sums.answer',
    ]);
  });

  it('names a message by its key, and knows what else it is called', () => {
    const declared = declaredBy(`asyncapi: 3.0.0
info: { title: parcels, version: 1.0.0 }
channels:
  scanned: { address: parcels.scanned, messages: { Scanned: { $ref: '#/components/messages/S' } } }
  lost: { address: parcels.lost }
operations:
  take: { action: receive, channel: { $ref: '#/channels/scanned' } }
  tell: { action: send, channel: { $ref: '#/channels/lost' } }
components: { messages: { S: { name: parcel.scanned } } }
`);
    expect(declared?.movements[0]).toMatchObject({
      messageTypes: ['Scanned'],
      alsoTypes: ['parcel.scanned'],
    });
    const [document] = policyWith({ asyncapi: './asyncapi.yaml' }).policy.documents ?? [];
    expect(document?.understood).toContainEqual({
      line: null,
      text: 'parcels takes Scanned from parcels.scanned',
    });
    expect(document?.notUnderstood).toEqual([
      { line: null, text: 'no message is named of what parcels sends to parcels.lost' },
    ]);
  });

  it('that refers to itself in a circle declares what can be read', () => {
    const declared = declaredBy(`
asyncapi: 3.0.0
info: { title: Odd, version: 1.0.0 }
channels: { a: { $ref: '#/channels/b' }, b: { $ref: '#/channels/a' } }
operations: { x: { action: send, channel: { $ref: '#/channels/a' } }, y: 7, z: { action: dance } }
`);
    expect(declared?.services.map(({ name }) => name)).toEqual(['Odd']);
  });

  it.each([
    ['openapi: 3.0.0', /is no AsyncAPI document/],
    ['asyncapi: 3.0.0', /has no info.title/],
    ['asyncapi: 1.2.0\ninfo: { title: Old }', /versions 2 and 3 are known/],
    ['asyncapi: [', /asyncapi.yaml:1: /],
  ])('is refused when it says %s', (document, reason) => {
    expect(() => declaredBy(document)).toThrow(reason);
  });

  it('is missed by its path when it is not there', () => {
    expect(() => policyWith({ asyncapi: './gone.yaml' })).toThrow(
      /gone.yaml: the AsyncAPI document cannot be read/,
    );
  });
});

describe('an EventCatalog folder', () => {
  const catalog = join(RECORDED, 'eventcatalog');

  it('declares who sends and takes which message', () => {
    const truth = JSON.parse(readFileSync(join(catalog, 'services.truth.json'), 'utf8')) as {
      readonly sent_but_received_by_nobody: readonly string[];
      readonly received_but_sent_by_nobody: readonly string[];
      readonly edges: readonly (readonly [string, string, string])[];
    };
    cpSync(join(catalog, 'services'), join(folder, 'catalog/services'), { recursive: true });
    const moved = policyWith({ eventcatalog: './catalog' }).policy.declared?.movements;
    const sent = new Set(moved?.flatMap((m) => (m.kind === 'send' ? [m.destination] : [])));
    const taken = new Set(moved?.flatMap((m) => (m.kind === 'take' ? [m.destination] : [])));
    const [[from, message, to]] = truth.edges as [readonly [string, string, string]];
    expect([...sent].filter((id) => !taken.has(id)).sort()).toEqual(
      [...truth.sent_but_received_by_nobody].sort(),
    );
    expect([...taken].filter((id) => !sent.has(id)).sort()).toEqual(
      [...truth.received_but_sent_by_nobody].sort(),
    );
    const named = moved?.map((m) => `${m.kind} ${m.service} ${m.destination}`);
    expect(named).toContain(`send ${from} ${message}`);
    expect(named).toContain(`take ${to} ${message}`);
  });

  it('declares its flows with their services and messages', () => {
    const truth = JSON.parse(
      readFileSync(join(catalog, 'flows/place-an-order.truth.json'), 'utf8'),
    ) as { readonly id: string; readonly messages: string[]; readonly services: string[] };
    const { flows, declared } = policyWith({ eventcatalog: catalog }).policy;
    expect(flows).toMatchObject([
      { workflow: truth.id, startsWith: 'checkout-cart', ends: [], expects: [], deadlineMs: null },
    ]);
    const services = declared?.services.map(({ name }) => name);
    const destinations = declared?.destinations.map(({ name }) => name);
    expect(services).toEqual(expect.arrayContaining(truth.services));
    expect(destinations).toEqual(expect.arrayContaining(truth.messages));
    const named = declared?.movements.map((m) => `${m.kind} ${m.service} ${m.destination}`);
    expect(named).toContain('send cart-api cart-checked-out');
    expect(named).toContain('take checkout-api cart-checked-out');
  });

  it('says which message of a service has no page', () => {
    const pages = {
      'services/Ledger': 'id: Ledger\nreceives: [{ id: InvoiceSent }, { id: Unheard }]',
      'events/InvoiceSent': 'id: InvoiceSent',
    };
    for (const [path, page] of Object.entries(pages)) {
      mkdirSync(join(folder, 'catalog', path), { recursive: true });
      writeFileSync(join(folder, 'catalog', path, 'index.mdx'), `---\n${page}\n---\n`);
    }
    const [document] = policyWith({ eventcatalog: './catalog' }).policy.documents ?? [];
    expect(document?.understood.map(({ text }) => text)).toContain('Ledger receives InvoiceSent');
    expect(document?.notUnderstood.map(({ text }) => text)).toEqual([
      'Ledger receives Unheard, of which the catalog has no page',
    ]);
  });

  it('is missed by its path when it is not there', () => {
    expect(() => policyWith({ eventcatalog: './gone' })).toThrow(
      /gone: the EventCatalog folder cannot be read/,
    );
  });
});
