import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { DeclaredDocument, DeclaredTopology, Flow } from '@throughline/model/policy';
import { Fault } from '../errors.js';
import type { FlowEntry } from './config-schema.js';
import { readAsl } from './documents/asl.js';
import { readAsyncApi } from './documents/asyncapi.js';
import { readBpmn } from './documents/bpmn.js';
import { DocumentNotes } from './documents/document-notes.js';
import { readEventCatalog } from './documents/eventcatalog.js';
import { flowOfGraph } from './documents/flow-of-graph.js';
import { LocatedDocument } from './documents/located-document.js';
import { readServerlessWorkflow } from './documents/serverless-workflow.js';
import type { StepGraph } from './documents/step-graph.js';
import { Topology } from './documents/topology.js';

export interface DeclaredDocuments {
  /** Null when no document was named that knows one. */
  readonly topology: DeclaredTopology | null;
  readonly flows: readonly Flow[];
  readonly documents: readonly DeclaredDocument[];
}

const LANGUAGES = {
  asyncapi: 'AsyncAPI',
  bpmn: 'BPMN',
  asl: 'Amazon States Language',
  serverlessworkflow: 'Serverless Workflow',
} as const;
type Language = keyof typeof LANGUAGES;
const NAMES = Object.keys(LANGUAGES) as Language[];

/** The entry names a document and is no flow of its own. */
export function isDocument(entry: FlowEntry): boolean {
  return entry.eventcatalog !== undefined || NAMES.some((name) => entry[name] !== undefined);
}

/**
 * Reads the documents that entries of `flows` name, relative to the folder of the config file.
 *
 * @throws Fault BAD_CONFIG, with the line where there is one, when one cannot be read or is not what the entry says.
 */
export function readDocuments(entries: readonly FlowEntry[], folder: string): DeclaredDocuments {
  const topology = new Topology();
  const flows: Flow[] = [];
  const documents: DeclaredDocument[] = [];
  for (const entry of entries) {
    if (entry.eventcatalog !== undefined) {
      const catalog = readEventCatalog(resolve(folder, entry.eventcatalog), topology);
      flows.push(...catalog.flows);
      documents.push(...catalog.documents);
      continue;
    }
    const kind = NAMES.find((name) => entry[name] !== undefined);
    if (kind === undefined) continue;
    const notes = new DocumentNotes(resolve(folder, entry[kind] ?? ''), kind);
    const text = textOf(notes.path, LANGUAGES[kind]);
    if (kind === 'asyncapi') {
      const { root } = new LocatedDocument(text, notes);
      readAsyncApi(root, topology, notes);
    } else {
      for (const graph of graphsOf(kind, text, { entry, notes })) {
        const { business_time: isBusinessTime } = entry;
        const flow = flowOfGraph(graph, termsOf(entry));
        flows.push(isBusinessTime === undefined ? flow : { ...flow, isBusinessTime });
      }
    }
    documents.push(notes.toDocument());
  }
  return { topology: topology.isEmpty ? null : topology.declared(), flows, documents };
}

function graphsOf(
  kind: Exclude<Language, 'asyncapi'>,
  text: string,
  { entry, notes }: { readonly entry: FlowEntry; readonly notes: DocumentNotes },
): readonly StepGraph[] {
  const named = entry.workflow ?? null;
  if (kind === 'bpmn') return readBpmn(text, named, notes);
  if (kind === 'serverlessworkflow') return [readServerlessWorkflow(text, named, notes)];
  // A state machine does not say what it is called: its file does.
  return [readAsl(text, named ?? basename(notes.path).replace(/(?:\.asl)?\.\w+$/, ''), notes)];
}

function termsOf(entry: FlowEntry) {
  return {
    startsWith: entry.starts?.event ?? null,
    ends: entry.ends ?? null,
    deadlineMs: entry.deadline ?? null,
    withinMs: entry.within ?? null,
  };
}

function textOf(path: string, language: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('BAD_CONFIG', `${path}: the ${language} document cannot be read`, { cause });
  }
}
