import type { DeclaredMovement } from '@throughline/model/policy';
import type { DocumentNotes } from './document-notes.js';
import { listOf, pointerOf, resolved, textOf, treeOf, type Tree } from './tree.js';
import type { Topology } from './topology.js';

/** AsyncAPI protocol → `messaging.system` as spans name it. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['amqp', 'rabbitmq'],
  ['amqps', 'rabbitmq'],
  ['googlepubsub', 'gcp_pubsub'],
  ['http', 'http'],
  ['https', 'http'],
  ['jms', 'jms'],
  ['kafka', 'kafka'],
  ['kafka-secure', 'kafka'],
  ['mqtt', 'mqtt'],
  ['mqtt5', 'mqtt'],
  ['mqtts', 'mqtt'],
  ['nats', 'nats'],
  ['pulsar', 'pulsar'],
  ['redis', 'redis'],
  ['sns', 'aws_sns'],
  ['sqs', 'aws_sqs'],
  ['ws', 'websocket'],
  ['wss', 'websocket'],
]);

interface Document {
  readonly root: Tree;
  readonly service: string;
  readonly origin: string;
  readonly notes: DocumentNotes;
}

/**
 * Reads what one application sends and takes. The application is `info.title`, a destination is the address of
 * a channel, a message goes by its key in the channel. Versions 2.x and 3.x; other files are complained about.
 */
export function readAsyncApi(content: unknown, topology: Topology, notes: DocumentNotes): void {
  const root = treeOf(content);
  const { path: origin } = notes;
  const version = textOf(root['asyncapi']);
  const service = textOf(treeOf(root['info'])['title']);
  if (version === undefined)
    throw notes.fault(null, 'is no AsyncAPI document: it does not say asyncapi: 3.0.0');
  if (service === undefined) throw notes.fault(null, 'has no info.title, which names the service');
  const document = { root, service, origin, notes };
  topology.service({ name: service, origin });
  if (version.startsWith('3.')) readVersion3(document, topology);
  else if (version.startsWith('2.')) readVersion2(document, topology);
  else throw notes.fault(null, `is AsyncAPI ${version}; versions 2 and 3 are known`);
}

function readVersion3(document: Document, topology: Topology): void {
  const { root, origin } = document;
  const channels = treeOf(root['channels']);
  for (const channel of Object.values(channels)) {
    const found = channelOf(document, channel);
    if (found === undefined) continue;
    const messageTypes = Object.keys(treeOf(found.tree['messages']));
    topology.destination({ name: found.address, system: found.system, messageTypes, origin });
  }
  for (const [name, each] of Object.entries(treeOf(root['operations']))) {
    const operation = treeOf(resolved(root, each));
    const kind = kindOf(operation['action']);
    if (kind === undefined || channelOf(document, operation['channel']) === undefined) {
      const why = 'has no action send or receive on a channel of this document';
      document.notes.notUnderstood(null, `operation "${name}" ${why}`);
    }
    if (kind === undefined) continue;
    move(document, topology, { kind, from: operation });
    const reply = treeOf(resolved(root, operation['reply']));
    // Who receives a request sends its reply, and the other way round.
    if ('channel' in reply) {
      move(document, topology, { kind: kind === 'send' ? 'take' : 'send', from: reply });
    }
  }
}

function kindOf(action: unknown): DeclaredMovement['kind'] | undefined {
  if (action === 'send') return 'send';
  return action === 'receive' ? 'take' : undefined;
}

interface Move {
  readonly kind: DeclaredMovement['kind'];
  /** An operation, or the reply of one: both name a channel and some of its messages. */
  readonly from: Tree;
}

type Told = Pick<DeclaredMovement, 'kind' | 'destination' | 'messageTypes'>;

function tell({ notes, service }: Document, { kind, destination, messageTypes }: Told): void {
  const what = messageTypes.length === 0 ? '' : ` ${messageTypes.join(', ')}`;
  const where = `${kind === 'send' ? 'to' : 'from'} ${destination}`;
  notes.understood(null, `${service} ${kind === 'send' ? 'sends' : 'takes'}${what} ${where}`);
  if (messageTypes.length > 0) return;
  notes.notUnderstood(null, `no message is named of what ${service} ${kind}s ${where}`);
}

function move(document: Document, topology: Topology, { kind, from }: Move): void {
  const channel = channelOf(document, from['channel']);
  if (channel === undefined) return;
  const messages = treeOf(channel.tree['messages']);
  const named = listOf(from['messages']).flatMap((message) => pointerOf(message)?.at(-1) ?? []);
  const messageTypes = named.length > 0 ? named : Object.keys(messages);
  tell(document, { kind, destination: channel.address, messageTypes });
  topology.movement({
    kind,
    service: document.service,
    destination: channel.address,
    system: channel.system,
    messageTypes,
    ...alsoCalled(messageTypes.flatMap((key) => otherNames(document.root, messages[key]))),
    origin: document.origin,
  });
}

/** A message goes by its key; spans may know it by its name. */
function otherNames(root: Tree, message: unknown): string[] {
  const tree = treeOf(resolved(root, message));
  return ['name', 'messageId'].flatMap((word) => textOf(tree[word]) ?? []);
}

function alsoCalled(names: readonly string[]): Pick<DeclaredMovement, 'alsoTypes'> {
  return names.length === 0 ? {} : { alsoTypes: [...new Set(names)] };
}

function channelOf({ root }: Document, reference: unknown) {
  const tree = treeOf(resolved(root, reference));
  const channels = Object.entries(treeOf(root['channels']));
  const key = channels.find(([, each]) => resolved(root, each) === tree)?.[0];
  const address = textOf(tree['address']) ?? key ?? pointerOf(reference)?.at(-1);
  if (address === undefined) return undefined;
  const listed = listOf(tree['servers']);
  const servers = listed.length > 0 ? listed : Object.values(treeOf(root['servers']));
  return { tree, address, system: systemOf(root, servers) };
}

/** The one system that all servers speak; null when they differ or name none that is known. */
function systemOf(root: Tree, servers: readonly unknown[]): string | null {
  const protocols = servers.map((server) => textOf(treeOf(resolved(root, server))['protocol']));
  const systems = new Set(protocols.map((protocol) => SYSTEMS.get(protocol ?? '') ?? null));
  return systems.size === 1 ? ([...systems][0] ?? null) : null;
}

/** In 2.x `publish` and `subscribe` are the other party's: one publishes *to* the application. */
function readVersion2(document: Document, topology: Topology): void {
  const { root, service, origin } = document;
  for (const [destination, each] of Object.entries(treeOf(root['channels']))) {
    const channel = treeOf(resolved(root, each));
    const names = listOf(channel['servers']).flatMap((name) => textOf(name) ?? []);
    const all = treeOf(root['servers']);
    const servers = names.length > 0 ? names.map((name) => all[name]) : Object.values(all);
    const system = systemOf(root, servers);
    topology.destination({ name: destination, system, messageTypes: [], origin });
    for (const [word, kind] of [['publish', 'take'] as const, ['subscribe', 'send'] as const]) {
      if (!(word in channel)) continue;
      const operation = treeOf(resolved(root, channel[word]));
      const messageTypes = messageNames(root, operation['message']);
      tell(document, { kind, destination, messageTypes });
      const also = alsoCalled(alternativesOf(root, operation['message']));
      topology.movement({ kind, service, destination, system, messageTypes, ...also, origin });
    }
  }
}

function alternativesOf(root: Tree, message: unknown): string[] {
  const tree = treeOf(resolved(root, message));
  if (!('oneOf' in tree)) return otherNames(root, tree);
  return listOf(tree['oneOf']).flatMap((each) => otherNames(root, each));
}

function messageNames(root: Tree, message: unknown): string[] {
  const tree = treeOf(resolved(root, message));
  if ('oneOf' in tree) return listOf(tree['oneOf']).flatMap((each) => messageNames(root, each));
  const name = textOf(tree['messageId']) ?? pointerOf(message)?.at(-1) ?? textOf(tree['name']);
  return name === undefined ? [] : [name];
}
