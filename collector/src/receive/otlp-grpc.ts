import {
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.js';
import type { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { BodyFormat } from '../wire.js';
import type { Admission, Reservation } from './admission.js';
import { GrpcGate } from './grpc-gate.js';
import { grpcStatusOf } from './grpc-status.js';
import type { Intake } from './intake.js';
import { exportReply, type PartialSuccess } from './otlp-reply.js';
import { partialSuccess } from './partial-success.js';
import { faultOf } from './reply.js';

export interface OtlpGrpcDeps {
  /** Where bodies go. */
  readonly pipeline: Intake;
  readonly clock: Clock;
  /** The fault to answer with while nothing can be taken in: starting, ending. */
  readonly notYet: () => Fault | undefined;
  /** Bounds what is in flight, together with what comes over HTTP. */
  readonly admission: Admission;
  /** Told of every call: the HTTP status that stands for its answer, and how long it took. */
  readonly onAnswered: (status: number, durationMs: number) => void;
}

/** Speaks gRPC on connections that somebody else has accepted. */
export interface OtlpGrpc {
  take(connection: Duplex): void;
  /** Lets calls under way finish, and ends the connections that have none. */
  close(): void;
  /** Lets go of everything; the connections are gone by then. */
  end(): void;
}

interface Export {
  readonly format: BodyFormat;
  readonly jsonField: PartialSuccess['jsonField'];
}

/** The services of OTLP that are taken; for any other the answer is UNIMPLEMENTED. */
const EXPORTS: Readonly<Record<string, Export>> = {
  'opentelemetry.proto.collector.trace.v1.TraceService': {
    format: 'otlp-protobuf',
    jsonField: 'rejectedSpans',
  },
  'opentelemetry.proto.collector.logs.v1.LogsService': {
    format: 'otlp-logs-protobuf',
    jsonField: 'rejectedLogRecords',
  },
};

/** OTLP/gRPC 1.11. Messages are passed on as bytes, on the same way as the bodies of OTLP over HTTP. */
export function createOtlpGrpc(deps: OtlpGrpcDeps): OtlpGrpc {
  const server = new Server({
    interceptors: [new GrpcGate(deps.clock).interceptor],
    'grpc.max_receive_message_length': LIMITS.bodyBytesMax,
    'grpc.max_concurrent_streams': LIMITS.grpcStreamsMax,
    'grpc.max_connection_idle_ms': LIMITS.grpcIdleMsMax,
    'grpc-node.max_session_memory': LIMITS.grpcSessionBytesMax / 1_000_000,
    'grpc.enable_channelz': 0,
  });
  for (const [service, taken] of Object.entries(EXPORTS)) {
    const implementation: UntypedServiceImplementation = { Export: exportHandler(deps, taken) };
    server.addService(definitionOf(service), implementation);
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    take: (connection) => injector.injectConnection(connection),
    close: () => injector.destroy(),
    end: () => server.forceShutdown(),
  };
}

function definitionOf(service: string): ServiceDefinition {
  const asBytes = (bytes: Buffer): Buffer => bytes;
  return {
    Export: {
      path: `/${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asBytes,
      requestDeserialize: asBytes,
      responseSerialize: asBytes,
      responseDeserialize: asBytes,
    },
  };
}

function exportHandler(deps: OtlpGrpcDeps, taken: Export): handleUnaryCall<Buffer, Buffer> {
  return (call, answer) => {
    const startedAtNs = deps.clock.now();
    const answered = (httpStatus: number): void => {
      deps.onAnswered(httpStatus, Number(deps.clock.now() - startedAtNs) / 1e6);
    };
    // `address:port`; a sender is its address, as over HTTP.
    const sender = call.getPeer().replace(/:\d+$/, '');
    take(deps, taken, { bytes: call.request, sender }).then(
      (reply) => {
        answered(200);
        answer(null, reply);
      },
      (error: unknown) => {
        const fault = faultOf(error);
        answered(fault.status);
        answer(grpcStatusOf(fault));
      },
    );
  };
}

/** @throws Fault whatever the way in throws; the answer to it is not ours. */
async function take(
  deps: OtlpGrpcDeps,
  { format, jsonField }: Export,
  { bytes, sender }: { readonly bytes: Buffer; readonly sender: string },
): Promise<Buffer> {
  const fault = deps.notYet();
  if (fault) throw fault;
  let reservation: Reservation | undefined;
  try {
    reservation = deps.admission.reserve(bytes.byteLength, sender);
    reservation.add(bytes.byteLength);
    await reservation.turn(bytes.byteLength);
    // gRPC compresses message by message and has inflated this one already.
    const body = { format, contentEncoding: 'identity', raw: bytes, inflated: bytes } as const;
    const partial = partialSuccess(await deps.pipeline.accept(body), jsonField);
    return Buffer.from(exportReply('protobuf', partial).body);
  } finally {
    reservation?.release();
  }
}
