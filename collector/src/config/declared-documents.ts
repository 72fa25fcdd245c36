import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DeclaredTopology, Flow } from '@throughline/model/policy';
import { parse } from 'yaml';
import { Fault } from '../errors.js';
import type { FlowEntry } from './config-schema.js';
import { readAsyncApi } from './documents/asyncapi.js';
import { readEventCatalog } from './documents/eventcatalog.js';
import { Topology } from './documents/topology.js';

export interface DeclaredDocuments {
  /** Null when no document was named. */
  readonly topology: DeclaredTopology | null;
  readonly flows: readonly Flow[];
  readonly documents: readonly string[];
}

/**
 * Reads the documents that entries of `flows` name, relative to the folder of the config file.
 *
 * @throws Fault BAD_CONFIG when one cannot be read or is not what the entry says.
 */
export function readDocuments(entries: readonly FlowEntry[], folder: string): DeclaredDocuments {
  const topology = new Topology();
  const flows: Flow[] = [];
  const documents: string[] = [];
  for (const { asyncapi, eventcatalog } of entries) {
    if (asyncapi !== undefined) {
      const path = resolve(folder, asyncapi);
      documents.push(path);
      readAsyncApi(content(path), topology, {
        origin: path,
        complain: (what) => new Fault('BAD_CONFIG', `${path}: ${what}`),
      });
    }
    if (eventcatalog !== undefined) {
      const catalog = readEventCatalog(resolve(folder, eventcatalog), topology);
      flows.push(...catalog.flows);
      documents.push(...catalog.documents);
    }
  }
  return { topology: topology.isEmpty ? null : topology.declared(), flows, documents };
}

function content(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('BAD_CONFIG', `${path}: the AsyncAPI document cannot be read`, { cause });
  }
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new Fault('BAD_CONFIG', `${path}: ${reason}`, { cause });
  }
}
