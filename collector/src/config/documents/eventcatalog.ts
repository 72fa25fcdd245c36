import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { DeclaredDocument, Flow } from '@throughline/model/policy';
import { parse } from 'yaml';
import { Fault } from '../../errors.js';
import { DocumentNotes } from './document-notes.js';
import { listOf, textOf, treeOf, type Tree } from './tree.js';
import type { Topology } from './topology.js';

/** Folders of a catalog that say what the files in them are; the innermost one counts. */
const KINDS = new Set([
  'services',
  'flows',
  'events',
  'commands',
  'queries',
  'channels',
  'domains',
  'subdomains',
  'entities',
  'systems',
  'teams',
  'users',
  'docs',
]);

export interface Catalog {
  readonly flows: readonly Flow[];
  readonly documents: readonly DeclaredDocument[];
}

/**
 * Reads the services and flows of an EventCatalog folder from the front matter of their pages. A service goes by
 * its id; a destination by the id of the message, since most catalogs know no channels.
 *
 * @throws Fault BAD_CONFIG when the folder cannot be read or a page's front matter is no YAML.
 */
export function readEventCatalog(folder: string, topology: Topology): Catalog {
  const flows: Flow[] = [];
  const documents: DeclaredDocument[] = [];
  const all = pages(folder).map((path) => ({ path, kind: kindOf(relative(folder, path)) }));
  const messages = messageIds(all);
  for (const { path, kind } of all) {
    if (kind !== 'services' && kind !== 'flows') continue;
    const page = frontMatter(path);
    const id = textOf(page['id']);
    const notes = new DocumentNotes(path, 'eventcatalog');
    if (id === undefined) notes.notUnderstood(1, 'the page has no id: nothing is made of it');
    else if (kind === 'services') {
      notes.understood(1, `service ${id}`);
      readService(page, topology, { id, origin: path, notes, messages });
    } else {
      notes.understood(1, `flow ${id}`);
      notes.workflow(id);
      notes.notUnderstood(1, 'a flow of a catalog names no times: nothing is promised of it');
      flows.push(readFlow(page, topology, { id, origin: path }));
    }
    documents.push(notes.toDocument());
  }
  return { flows, documents };
}

const MESSAGES = new Set(['events', 'commands', 'queries']);

interface Page {
  readonly path: string;
  readonly kind: string | undefined;
}

/** Messages that have a page of their own. */
function messageIds(all: readonly Page[]): ReadonlySet<string> {
  const ids = all.flatMap(({ path, kind }) =>
    MESSAGES.has(kind ?? '') ? (textOf(frontMatter(path)['id']) ?? []) : [],
  );
  return new Set(ids);
}

/** Pages in the order of their paths. Older versions of a page and installed packages are left out. */
function pages(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.mdx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/[\\/](versioned|node_modules)[\\/]/.test(path))
      .sort();
  } catch (cause) {
    throw new Fault('BAD_CONFIG', `${folder}: the EventCatalog folder cannot be read`, { cause });
  }
}

function kindOf(path: string): string | undefined {
  return path.split(sep).findLast((part) => KINDS.has(part));
}

function frontMatter(path: string): Tree {
  const match = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(readFileSync(path, 'utf8'));
  if (match?.[1] === undefined) return {};
  try {
    return treeOf(parse(match[1]));
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new Fault('BAD_CONFIG', `${path}: the front matter is no YAML: ${reason}`, { cause });
  }
}

interface PageName {
  readonly id: string;
  readonly origin: string;
}

interface ServicePage extends PageName {
  readonly notes: DocumentNotes;
  /** None: the catalog describes services only. */
  readonly messages: ReadonlySet<string>;
}

function readService(page: Tree, topology: Topology, service: ServicePage): void {
  const { id, origin, notes, messages } = service;
  topology.service({ name: id, origin });
  for (const [word, kind] of [['sends', 'send'] as const, ['receives', 'take'] as const]) {
    for (const message of listOf(page[word])) {
      const destination = textOf(treeOf(message)['id']);
      if (destination === undefined) {
        notes.notUnderstood(1, `one of what ${id} ${word} has no id`);
        continue;
      }
      notes.understood(1, `${id} ${word} ${destination}`);
      if (messages.size > 0 && !messages.has(destination)) {
        notes.notUnderstood(1, `${id} ${word} ${destination}, of which the catalog has no page`);
      }
      const messageTypes = [destination];
      topology.movement({ kind, service: id, destination, system: null, messageTypes, origin });
    }
  }
}

/** Where a flow leads from a service to a message, the service sends it; the other way round it takes it. */
function readFlow(page: Tree, topology: Topology, { id, origin }: PageName): Flow {
  const steps = new Map(
    listOf(page['steps']).flatMap((each) => {
      const step = treeOf(each);
      const stepId = textOf(step['id']);
      return stepId === undefined ? [] : [[stepId, step] as const];
    }),
  );
  const entered = new Set<string>();
  for (const step of steps.values()) {
    const service = named(step, 'service');
    const message = named(step, 'message');
    if (service !== undefined) topology.service({ name: service, origin });
    if (message !== undefined) {
      topology.destination({ name: message, system: null, messageTypes: [message], origin });
    }
    for (const next of nextOf(step)) {
      entered.add(next);
      const target = steps.get(next) ?? {};
      const sent = service === undefined ? undefined : named(target, 'message');
      const taker = message === undefined ? undefined : named(target, 'service');
      if (service !== undefined && sent !== undefined) move('send', service, sent);
      if (taker !== undefined && message !== undefined) move('take', taker, message);
    }
  }
  const starts = [...steps.keys()].filter((stepId) => !entered.has(stepId));
  return {
    workflow: id,
    startsWith: firstMessage(steps, starts),
    // A flow of a catalog names no times, and often ends outside of any message.
    ends: [],
    deadlineMs: null,
    expects: [],
    compensations: new Map(),
    origin,
  };

  function move(kind: 'send' | 'take', service: string, destination: string): void {
    const messageTypes = [destination];
    topology.movement({ kind, service, destination, system: null, messageTypes, origin });
  }
}

function named(step: Tree, kind: 'service' | 'message'): string | undefined {
  return textOf(treeOf(step[kind])['id']);
}

/** `next_step: x`, `next_step: { id: x }` and lists of both. */
function nextOf(step: Tree): string[] {
  return [step['next_step'], ...listOf(step['next_steps'])].flatMap(
    (next) => textOf(next) ?? textOf(treeOf(next)['id']) ?? [],
  );
}

/** The one message that the flow's beginning leads to; null when there are several, or none. */
function firstMessage(steps: ReadonlyMap<string, Tree>, starts: readonly string[]): string | null {
  const found = new Set<string>();
  const seen = new Set(starts);
  for (const id of seen) {
    const step = steps.get(id) ?? {};
    const message = named(step, 'message');
    if (message !== undefined) found.add(message);
    else for (const next of nextOf(step)) seen.add(next);
  }
  return found.size === 1 ? ([...found][0] ?? null) : null;
}
