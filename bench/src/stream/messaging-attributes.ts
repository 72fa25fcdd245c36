import type { Attribute } from './span.js';

export interface MessageFacts {
  readonly key: string;
  readonly workflow: string;
  readonly tenant: string;
  readonly destination: string;
  readonly messageId: string;
  readonly bodyBytes: number;
}

/** The twelve attributes of a span that sends or takes a message of RabbitMQ, as current conventions name them. */
export function messagingAttributes(
  operation: 'send' | 'process',
  facts: MessageFacts,
): readonly Attribute[] {
  return [
    ['messaging.system', 'rabbitmq'],
    ['messaging.operation.type', operation],
    ['messaging.operation.name', operation === 'send' ? 'publish' : 'consume'],
    ['messaging.destination.name', facts.destination],
    ['messaging.message.conversation_id', facts.key],
    ['messaging.message.id', facts.messageId],
    ['messaging.message.body.size', facts.bodyBytes],
    ['network.peer.address', '10.0.0.17'],
    ['network.peer.port', 5672],
    ['server.address', 'rabbit.internal'],
    ['throughline.workflow.name', facts.workflow],
    ['tenant.id', facts.tenant],
  ];
}

/** The twelve attributes of a span that serves or calls over HTTP. */
export function httpAttributes(route: string, tenant: string): readonly Attribute[] {
  return [
    ['http.request.method', 'POST'],
    ['http.route', route],
    ['http.response.status_code', 200],
    ['url.scheme', 'https'],
    ['url.path', route],
    ['server.address', 'shop.example'],
    ['server.port', 443],
    ['client.address', '10.0.3.9'],
    ['network.protocol.version', '1.1'],
    ['user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)'],
    ['http.request.body.size', 512],
    ['tenant.id', tenant],
  ];
}
