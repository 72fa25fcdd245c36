import {
  alertHealthView,
  alertPreviewView,
  alertReceiverView,
  alertView,
  receiverTestView,
  silenceView,
} from '@throughline/model/api/alerts';
import { brokerView } from '@throughline/model/api/brokers';
import {
  destinationView,
  documentView,
  serviceView,
  statsView,
  workflowDetail,
  workflowView,
} from '@throughline/model/api/catalog';
import { rebuildView, reloadView } from '@throughline/model/api/config';
import { deadLetterView, findingView } from '@throughline/model/api/findings';
import { holdView } from '@throughline/model/api/holds';
import { mapView } from '@throughline/model/api/map';
import { page } from '@throughline/model/api/primitives';
import { runDetail, runItem } from '@throughline/model/api/runs';
import type { UnixNs } from '@throughline/model/time';
import { z } from 'zod';
import {
  alertListParameters,
  previewParameters,
  silenceBody,
} from './parameters/alert-parameters.js';
import { findingListParameters, noteBody, snoozeBody } from './parameters/finding-parameters.js';
import { holdBody } from './parameters/hold-parameters.js';
import { correctBody, decisionBody } from './parameters/learned-parameters.js';
import { mapParameters } from './parameters/map-parameters.js';
import { reloadBody } from './parameters/reload-parameters.js';
import {
  runDetailParameters,
  runExportParameters,
  runFilterParameters,
  runListParameters,
} from './parameters/run-parameters.js';
import { listParameters } from './routes/catalog.js';

export interface Operation {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1`, with `{name}` for a part of the path. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly answer: z.ZodType;
}

const ANY_TIME = 0n as UnixNs;
const counts = z.record(z.string(), z.number().int().nonnegative());

export const runFacets = z.object({
  /** False: there may be more. Of the runs that left memory only the youngest were looked at. */
  isComplete: z.boolean(),
  total: z.number().int().nonnegative(),
  workflow: counts,
  status: counts,
  pattern: counts,
  service: counts,
  destination: counts,
});

/** Every operation of the API, once: the OpenAPI document, the reference page and the tests follow from it. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/runs',
    tag: 'Runs',
    summary: 'Runs that match, newest activity first',
    query: runListParameters(ANY_TIME),
    answer: page(runItem),
  },
  {
    method: 'get',
    path: '/runs/facets',
    tag: 'Runs',
    summary: 'How many of the matching runs have each value',
    query: runFilterParameters(ANY_TIME),
    answer: runFacets,
  },
  {
    method: 'get',
    path: '/runs/{id}',
    tag: 'Runs',
    summary: 'One run with its steps, messages, edges and promises; an alias answers with the run',
    query: runDetailParameters,
    answer: runDetail,
  },
  {
    method: 'get',
    path: '/runs/{id}/export',
    tag: 'Runs',
    summary: 'One run as a file: JSON, OTLP/JSON or a Mermaid flowchart',
    query: runExportParameters,
    answer: z.unknown(),
  },
  {
    method: 'get',
    path: '/map',
    tag: 'Map',
    summary: 'Services, destinations and what moves between them; ghosts are expected and not seen',
    query: mapParameters(ANY_TIME),
    answer: mapView,
  },
  list('/workflows', 'Every workflow that ran or was declared', workflowView),
  {
    method: 'get',
    path: '/workflows/{name}',
    tag: 'Catalogue',
    summary: 'One workflow: variants, steps, promises, durations, patterns',
    answer: workflowDetail,
  },
  list('/documents', 'Declared documents: what was understood of each, and what not', documentView),
  ...learned('reset', 'Forgets what runs taught so far; it is learned anew', decisionBody),
  ...learned('restore', 'Takes back what people said over what was learned', decisionBody),
  {
    method: 'post',
    path: '/workflows/{name}/learned/{id}/correct',
    tag: 'Catalogue',
    summary: 'Sets the deadline of a learned reaction, or says that it need not follow',
    body: correctBody,
    answer: workflowDetail,
  },
  list(
    '/destinations',
    'Queues, topics and exchanges with who sends and who takes',
    destinationView,
  ),
  list('/brokers', 'Brokers that are asked what they hold, and whether they answer', brokerView),
  list('/services', 'Services with what they send, take and call', serviceView),
  {
    method: 'get',
    path: '/findings',
    tag: 'Findings',
    summary: 'What is wrong: open ones first, gravest first',
    query: findingListParameters,
    answer: page(findingView),
  },
  {
    method: 'get',
    path: '/findings/{id}',
    tag: 'Findings',
    summary: 'One finding',
    answer: findingView,
  },
  act('acknowledge', 'Somebody looks after it', noteBody),
  act('snooze', 'Nothing is said about it for a while', snoozeBody),
  act('close', 'It is done with; it opens again when it becomes true again', noteBody),
  list('/dead-letters', 'What waits in dead-letter destinations, grouped by cause', deadLetterView),
  {
    method: 'get',
    path: '/alerts',
    tag: 'Alerts',
    summary: 'Alerts that hold now, the youngest first',
    query: alertListParameters,
    answer: page(alertView),
  },
  {
    method: 'get',
    path: '/alerts/history',
    tag: 'Alerts',
    summary: 'Alerts that fired, the youngest first, with what became of their notices',
    query: alertListParameters,
    answer: page(alertView),
  },
  {
    method: 'get',
    path: '/alerts/health',
    tag: 'Alerts',
    summary:
      'Whether telling works: evaluation, what is watched for silence, the heartbeat, receivers',
    answer: alertHealthView,
  },
  {
    method: 'get',
    path: '/alerts/preview',
    tag: 'Alerts',
    summary: 'What a route would have told, from the findings as they were',
    query: previewParameters,
    answer: alertPreviewView,
  },
  list('/alerts/receivers', 'Who can be told, and how the last notice went', alertReceiverView),
  {
    method: 'post',
    path: '/alerts/receivers/{name}/test',
    tag: 'Alerts',
    summary: 'Sends a test to one receiver, now',
    answer: receiverTestView,
  },
  list('/alerts/silences', 'Silences that hold now', silenceView),
  {
    method: 'post',
    path: '/alerts/silences',
    tag: 'Alerts',
    summary: 'For a while nobody is told of the findings that match',
    body: silenceBody,
    answer: silenceView,
  },
  {
    method: 'delete',
    path: '/alerts/silences/{id}',
    tag: 'Alerts',
    summary: 'Ends a silence',
    answer: z.object({ id: z.string() }),
  },
  list('/holds', 'What retention leaves alone', holdView),
  {
    method: 'post',
    path: '/holds',
    tag: 'Operating',
    summary: 'Keeps the stored requests of a run, or of all runs with a key, from retention',
    body: holdBody,
    answer: holdView,
  },
  {
    method: 'delete',
    path: '/holds/{id}',
    tag: 'Operating',
    summary: 'Lifts a hold',
    answer: z.object({ id: z.string() }),
  },
  {
    method: 'get',
    path: '/config/reload',
    tag: 'Operating',
    summary: 'How far stitching the stored spans anew is, or what became of the last time',
    answer: rebuildView,
  },
  {
    method: 'post',
    path: '/config/reload',
    tag: 'Operating',
    summary: 'Reads the configuration again; stored spans are stitched anew in the background',
    body: reloadBody,
    answer: reloadView,
  },
  {
    method: 'get',
    path: '/stats',
    tag: 'Operating',
    summary: 'Every span accounted for: received = stored + duplicate + rejected + dropped',
    answer: statsView,
  },
];

function list(path: string, summary: string, item: z.ZodType): Operation {
  return {
    method: 'get',
    path,
    tag: 'Catalogue',
    summary,
    query: listParameters,
    answer: page(item),
  };
}

/** Of a whole workflow, and of one reaction. */
function learned(name: string, summary: string, body: z.ZodObject): Operation[] {
  return ['/workflows/{name}', '/workflows/{name}/learned/{id}'].map((path) => ({
    method: 'post',
    path: `${path}/${name}`,
    tag: 'Catalogue',
    summary,
    body,
    answer: workflowDetail,
  }));
}

function act(name: string, summary: string, body: z.ZodObject): Operation {
  return {
    method: 'post',
    path: `/findings/{id}/${name}`,
    tag: 'Findings',
    summary,
    body,
    answer: findingView,
  };
}
