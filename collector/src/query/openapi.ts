import { alertReceiverView, alertView, silenceView } from '@throughline/model/api/alerts';
import {
  destinationView,
  serviceView,
  statsView,
  workflowDetail,
  workflowView,
} from '@throughline/model/api/catalog';
import { deadLetterView, findingView } from '@throughline/model/api/findings';
import { mapView } from '@throughline/model/api/map';
import { problem } from '@throughline/model/api/primitives';
import { runDetail, runItem } from '@throughline/model/api/runs';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { OPERATIONS, type Operation } from './operations.js';

export const API_ROOT = '/api/v1';

export type OpenApiDocument = ReturnType<typeof createDocument>;

/** The API in OpenAPI 3.1, made from the schemas that the answers are tested against. */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of OPERATIONS) {
    const path = (paths[`${API_ROOT}${operation.path}`] ??= {});
    path[operation.method] = operationObject(operation);
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Throughline',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Reading what the collector knows. Times are RFC 3339 in UTC with up to nanoseconds, durations are in ' +
        'milliseconds, faults are RFC 9457 problem details, lists are `{ items, next }`.',
    },
    components: {
      schemas: {
        RunItem: runItem,
        RunDetail: runDetail,
        Map: mapView,
        Workflow: workflowView,
        WorkflowDetail: workflowDetail,
        Destination: destinationView,
        Service: serviceView,
        Finding: findingView,
        DeadLetters: deadLetterView,
        Alert: alertView,
        AlertReceiver: alertReceiverView,
        Silence: silenceView,
        Stats: statsView,
        Problem: problem,
      },
    },
    paths,
  });
}

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const path = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  return {
    operationId: operationId(operation),
    summary: operation.summary,
    tags: [operation.tag],
    requestParams: {
      ...(names.length > 0 ? { path } : {}),
      ...(operation.query ? { query: operation.query } : {}),
    },
    ...(operation.body
      ? { requestBody: { content: { 'application/json': { schema: operation.body } } } }
      : {}),
    responses: {
      '200': {
        description: operation.summary,
        content: { 'application/json': { schema: operation.answer } },
      },
      default: {
        description: 'What went wrong, and what to do about it',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  };
}

/** `get /runs/{id}/export` → `getRunsIdExport`. */
function operationId({ method, path }: Operation): string {
  const words = path.split(/[^a-z]+/i).filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
