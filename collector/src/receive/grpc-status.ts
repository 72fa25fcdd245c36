import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { Fault } from '../errors.js';
import { statusCodeOf, statusReply } from './otlp-reply.js';

/**
 * A fault as gRPC says it: the code, and the google.rpc.Status with its details where the protocol keeps that. What
 * carries a RetryInfo is to be sent again, also under RESOURCE_EXHAUSTED (OTLP 1.11, section "OTLP/gRPC Response").
 */
export function grpcStatusOf(fault: Fault): Partial<StatusObject> {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(statusReply('protobuf', fault).body));
  // Half a surrogate pair cannot be written in UTF-8, and a message may quote what a sender wrote.
  const details = Buffer.from(`${fault.message} ${fault.remedy}`.slice(0, 1_024)).toString();
  const name = status[statusCodeOf(fault)] as keyof typeof status;
  return { code: status[name], details, metadata };
}
