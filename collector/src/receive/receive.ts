import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.js';
import { Fault } from '../errors.js';
import type { BodyFormat } from '../wire.js';
import { Admission, type Reservation } from './admission.js';
import { isBinaryEvent, structuredEvent } from './binary-event.js';
import type { ArrivedBody, Intake } from './intake.js';
import { assertUtf8, mediaTypeOf } from './media-type.js';
import { exportReply, statusReply, type OtlpEncoding, type PartialSuccess } from './otlp-reply.js';
import { partialSuccess } from './partial-success.js';
import { refusalText } from './refusal-text.js';
import { faultOf, jsonReply, problemReply, send, setFaultHeaders, type Reply } from './reply.js';
import { announcedBytes, readBody, SenderGone, type RequestBody } from './request-body.js';

export interface ReceiveDeps {
  /** Where bodies go. */
  readonly pipeline: Intake;
  readonly clock: Clock;
  /** The fault to answer with while nothing can be taken in: starting, ending. */
  readonly notYet: () => Fault | undefined;
  /** Bounds what is in flight; the process-wide limit unless given. */
  readonly admission?: Admission;
  /** Told of every refused request. */
  readonly onRefused?: (fault: Fault, route: string) => void;
}

/**
 * Handles a request of plain `node:http` when it is for one of the routes by which spans and events come in.
 * It always answers and never throws. @returns false, and has done nothing, when the request is for another route.
 */
export function createReceive(
  deps: ReceiveDeps,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const parts: Parts = { ...deps, admission: deps.admission ?? new Admission() };
  const routes: ReadonlyMap<string, RequestHandler> = new Map([
    ['/v1/traces', otlpTraces(parts)],
    ['/v1/logs', otlpLogs(parts)],
    ['/api/v2/spans', zipkinSpans(parts)],
    ['/v1/events', cloudEvents(parts)],
  ]);
  return (request, response) => {
    const handle = routes.get(pathOf(request.url ?? ''));
    handle?.(request, response);
    return handle !== undefined;
  };
}

/** Senders behind a proxy may name the whole address (RFC 9112 section 3.2.2). The guard has judged the Host. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
}

type Parts = ReceiveDeps & { readonly admission: Admission };
type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** `POST /v1/traces`: OTLP/HTTP 1.11, protobuf and JSON. 200 only after the spans are durable. */
function otlpTraces(deps: Parts): RequestHandler {
  return otlpHandler(deps, '/v1/traces', async (encoding, body) => {
    const format: BodyFormat = encoding === 'json' ? 'otlp-json' : 'otlp-protobuf';
    return partialSuccess(await deps.pipeline.accept(arrived(format, body)), 'rejectedSpans');
  });
}

/** `POST /v1/logs`: step signals are taken; other records are ignored, which the sender is told as a warning. */
function otlpLogs(deps: Parts): RequestHandler {
  return otlpHandler(deps, '/v1/logs', async (encoding, body) => {
    const format: BodyFormat = encoding === 'json' ? 'otlp-logs-json' : 'otlp-logs-protobuf';
    return partialSuccess(await deps.pipeline.accept(arrived(format, body)), 'rejectedLogRecords');
  });
}

/** `POST /api/v2/spans`: Zipkin v2 JSON → 202. */
function zipkinSpans(deps: Parts): RequestHandler {
  return jsonHandler(deps, '/api/v2/spans', async (request, reservation) => {
    const type = mediaTypeOf(request.headers['content-type']);
    if (type !== null && type !== 'application/json') {
      throw new Fault(
        'UNSUPPORTED_TYPE',
        `Zipkin spans come as application/json, not ${type.slice(0, 60)}.`,
      );
    }
    assertUtf8(request.headers['content-type']);
    const body = await readBody(request, reservation, deps.clock);
    const { accepted, rejected } = await deps.pipeline.accept(arrived('zipkin-json', body));
    if (rejected.length === 0) return { status: 202, contentType: null, body: '' };
    if (accepted === 0) throw new Fault('BODY_UNREADABLE', refusalText(rejected));
    return jsonReply(202, { accepted, rejected: rejected.map(refusal) });
  });
}

/** `POST /v1/events`: CloudEvents 1.0 in structured, batched and binary mode → 202. */
function cloudEvents(deps: Parts): RequestHandler {
  const post = jsonHandler(deps, '/v1/events', async (request, reservation) => {
    const format = eventFormat(request);
    const body = await readBody(request, reservation, deps.clock);
    const taken = format === 'binary' ? binaryBody(request, body) : arrived(format, body);
    const { accepted, rejected } = await deps.pipeline.accept(taken);
    const [first] = rejected;
    if (taken.format === 'cloudevent' && first) {
      throw new Fault('BODY_UNREADABLE', `Invalid event: ${first.detail}.`);
    }
    return jsonReply(202, { accepted, rejected: rejected.map(refusal) });
  });
  return (request, response) => {
    if (request.method === 'OPTIONS') allowWebhook(request, response);
    else post(request, response);
  };
}

type OtlpAct = (encoding: OtlpEncoding, body: RequestBody) => Promise<PartialSuccess | null>;

function otlpHandler(deps: Parts, route: string, act: OtlpAct): RequestHandler {
  return handler(deps, route, {
    reply: async (request, reservation) => {
      const encoding = otlpEncoding(request);
      if (encoding === null) {
        const type = mediaTypeOf(request.headers['content-type']) ?? 'nothing';
        throw new Fault(
          'UNSUPPORTED_TYPE',
          `OTLP comes as application/x-protobuf or application/json, not ${type.slice(0, 60)}.`,
        );
      }
      if (encoding === 'json') assertUtf8(request.headers['content-type']);
      const body = await readBody(request, reservation, deps.clock);
      return exportReply(encoding, await act(encoding, body));
    },
    refuse: (request, fault) => statusReply(otlpEncoding(request) ?? 'json', fault),
  });
}

function otlpEncoding(request: IncomingMessage): OtlpEncoding | null {
  const type = mediaTypeOf(request.headers['content-type']);
  if (type === 'application/x-protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : null;
}

type JsonAct = (request: IncomingMessage, reservation: Reservation) => Promise<Reply>;

function jsonHandler(deps: Parts, route: string, reply: JsonAct): RequestHandler {
  return handler(deps, route, { reply, refuse: (_request, fault) => problemReply(fault) });
}

interface Behaviour {
  readonly reply: JsonAct;
  readonly refuse: (request: IncomingMessage, fault: Fault) => Reply;
}

/** What all routes share: one method, admission, an answer whatever happens. */
function handler(deps: Parts, route: string, behaviour: Behaviour): RequestHandler {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let reservation: Reservation | undefined;
    try {
      if (request.method !== 'POST') {
        throw new Fault('METHOD_NOT_ALLOWED', `${route} takes POST only.`);
      }
      const fault = deps.notYet();
      if (fault) throw fault;
      reservation = deps.admission.reserve(announcedBytes(request), request.socket.remoteAddress);
      send(request, response, await behaviour.reply(request, reservation));
    } catch (error) {
      if (error instanceof SenderGone) return;
      const fault = faultOf(error);
      deps.onRefused?.(fault, route);
      setFaultHeaders(response, fault);
      send(request, response, behaviour.refuse(request, fault));
    } finally {
      reservation?.release();
    }
  };
  return (request, response) => void handle(request, response);
}

function arrived(format: BodyFormat, body: RequestBody): ArrivedBody {
  return { format, ...body };
}

function binaryBody(request: IncomingMessage, { inflated }: RequestBody): ArrivedBody {
  const event = structuredEvent(request.headers, inflated);
  return { format: 'cloudevent', contentEncoding: 'identity', raw: event, inflated: event };
}

function eventFormat(request: IncomingMessage): 'cloudevent' | 'cloudevents-batch' | 'binary' {
  const contentType = request.headers['content-type'];
  const type = mediaTypeOf(contentType);
  if (type === 'application/cloudevents+json' || type === 'application/cloudevents-batch+json') {
    assertUtf8(contentType);
    return type === 'application/cloudevents+json' ? 'cloudevent' : 'cloudevents-batch';
  }
  if (isBinaryEvent(request.headers)) return 'binary';
  throw new Fault(
    'UNSUPPORTED_TYPE',
    'CloudEvents come as application/cloudevents+json, application/cloudevents-batch+json, or as data with ce-* headers.',
  );
}

function refusal({
  index,
  reason,
  detail,
}: {
  index?: number;
  reason: string;
  detail: string;
}): object {
  return { index: index ?? 0, reason: detail.replace(/^\[\d+\]: /, ''), code: reason };
}

/** The handshake of the CloudEvents webhook specification 1.0.2, section 4: any sender may deliver, at any rate. */
function allowWebhook(request: IncomingMessage, response: ServerResponse): void {
  const origin = request.headers['webhook-request-origin'];
  response.setHeader('Allow', 'POST');
  if (typeof origin === 'string' && /^[\w.:-]{1,253}$/.test(origin)) {
    response.setHeader('WebHook-Allowed-Origin', origin);
    response.setHeader('WebHook-Allowed-Rate', '*');
  }
  send(request, response, { status: 200, contentType: null, body: '' });
}
