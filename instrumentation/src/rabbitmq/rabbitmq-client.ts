import { harmless } from '../harmless.js';
import type { AmqpProperties, AmqpServer } from './amqp-message.js';
import { OpenDeliveries } from './open-deliveries.js';
import { AwaitedReturns, endPublish, openPublish } from './publish.js';
import type { OpenPublish } from './publish.js';
import { RabbitDelivery } from './rabbit-delivery.js';

type Method = (this: object, ...args: unknown[]) => unknown;
type Prototype = Record<string, Method>;

/** A message of rabbitmq-client: fields and properties side by side. */
interface ClientMessage extends AmqpProperties {
  readonly exchange: string;
  readonly routingKey: string;
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly body: unknown;
}

interface ConsumeParameters {
  readonly queue?: string;
  readonly noAck?: boolean;
}

interface ChannelState {
  readonly deliveries: OpenDeliveries;
  readonly returns: AwaitedReturns;
}

/** A `Consumer`, which reads messages ahead of its handler. */
interface ClientConsumer {
  readonly queue: string;
  readonly _ch?: object;
  readonly _props: ConsumeParameters;
}

const states = new WeakMap<object, ChannelState>();
/** Parameters of `Consumer` objects: their messages are taken when the handler starts, not when they arrive. */
const consumerProps = new WeakSet<object>();

export interface ChannelModule {
  readonly Channel: { readonly prototype: unknown };
}

export interface ConsumerModule {
  readonly Consumer: { readonly prototype: unknown };
}

export function patchClientChannel(module: ChannelModule): void {
  const channel = module.Channel.prototype as Prototype;
  patchPublish(channel);
  patchConsume(channel);
  patchGet(channel);
  patchSettle(channel);
  patchEmit(channel);
}

/** Handlers of `createConsumer`: each message is handled in its own context, also when it had to wait. */
export function patchClientConsumer(module: ConsumerModule): void {
  const consumer = module.Consumer.prototype as Prototype;
  wrap(consumer, '_setup', (setup) => {
    return function (...args) {
      harmless('rabbitmq-client', () => consumerProps.add((this as ClientConsumer)._props));
      return setup.apply(this, args);
    };
  });
  wrap(consumer, '_execHandler', (execute) => {
    return function (message, ...rest) {
      const { _ch: channel, _props: parameters, queue } = this as ClientConsumer;
      const delivery =
        channel === undefined
          ? undefined
          : deliver(channel, message as ClientMessage, { ...parameters, queue });
      if (delivery === undefined) return execute.call(this, message, ...rest);
      return delivery.run(() => execute.call(this, message, ...rest));
    };
  });
}

function patchPublish(prototype: Prototype): void {
  wrap(prototype, 'basicPublish', (publish) => {
    return function (parameters, body, ...rest) {
      const opened = open(this, parameters, body);
      if (opened === null) return publish.call(this, parameters, body, ...rest);
      const { span } = opened.open;
      const isMandatory = (parameters as { mandatory?: unknown }).mandatory === true;
      const published = publish.call(this, opened.properties, body, ...rest);
      if (!(published instanceof Promise)) {
        endPublish(span);
        return published;
      }
      // Resolves when the broker confirmed, or when the message was written; a return comes after it.
      return published.then(
        (value: unknown) => {
          if (isMandatory) stateOf(this).returns.wait(opened.messageId, span);
          else endPublish(span);
          return value;
        },
        (error: unknown) => {
          endPublish(span, { error });
          throw error;
        },
      );
    };
  });
}

function patchConsume(prototype: Prototype): void {
  wrap(prototype, 'basicConsume', (consume) => {
    return function (parameters, callback, ...rest) {
      const isOfConsumer =
        typeof parameters === 'object' && consumerProps.has(parameters as object);
      if (isOfConsumer || typeof callback !== 'function') {
        return consume.call(this, parameters, callback, ...rest);
      }
      const take = deliver.bind(null, this);
      const handler = callback as (message: ClientMessage) => unknown;
      const taking = (message: ClientMessage): unknown => {
        const delivery = take(message, parameters as ConsumeParameters);
        return delivery === undefined ? handler(message) : delivery.run(() => handler(message));
      };
      return consume.call(this, parameters, taking, ...rest);
    };
  });
}

function patchGet(prototype: Prototype): void {
  wrap(prototype, 'basicGet', (get) => {
    return function (parameters, ...rest) {
      const asked: ConsumeParameters =
        typeof parameters === 'string' ? { queue: parameters } : (parameters ?? {});
      const result = get.call(this, parameters, ...rest);
      if (!(result instanceof Promise)) return result;
      return result.then((message: unknown) => {
        if (typeof message === 'object' && message !== null) {
          deliver(this, message as ClientMessage, { ...asked, operation: 'get' })?.run(
            () => undefined,
          );
        }
        return message;
      });
    };
  });
}

function patchSettle(prototype: Prototype): void {
  after(prototype, 'basicAck', (deliveries, { deliveryTag, multiple }) =>
    deliveries.settle(deliveryTag, multiple, { verb: 'ack', isRequeued: false }),
  );
  after(prototype, 'basicNack', (deliveries, { deliveryTag, multiple, requeue }) =>
    deliveries.settle(deliveryTag, multiple, { verb: 'nack', isRequeued: requeue ?? true }),
  );
}

function patchEmit(prototype: Prototype): void {
  wrap(prototype, 'emit', (emit) => {
    return function (event, ...args) {
      if (event === 'basic.return') harmless('return', () => returned(stateOf(this), args[0]));
      if (event === 'close') stateOf(this).deliveries.abandonAll();
      return emit.call(this, event, ...args);
    };
  });
}

function returned({ returns }: ChannelState, message: unknown): void {
  const { messageId, replyText } = message as { messageId?: unknown; replyText?: unknown };
  returns.returned(messageId, replyText);
}

function open(channel: object, parameters: unknown, body: unknown): OpenPublish | null {
  const opened = harmless('rabbitmq-client publish', () => {
    const properties = typeof parameters === 'string' ? { routingKey: parameters } : parameters;
    const { exchange, routingKey } = properties as { exchange?: string; routingKey?: string };
    return openPublish({
      exchange: exchange ?? '',
      routingKey: routingKey ?? '',
      properties: properties as AmqpProperties,
      content: body,
      server: serverOf(channel),
    });
  });
  return opened ?? null;
}

function deliver(
  channel: object,
  message: ClientMessage,
  { queue, noAck, operation = 'consume' }: ConsumeParameters & { readonly operation?: string },
): RabbitDelivery | undefined {
  return harmless('rabbitmq-client consume', () => {
    const { exchange, routingKey, deliveryTag, redelivered, body } = message;
    const delivery = new RabbitDelivery({
      route: { exchange, routingKey, queue: queue ?? '' },
      properties: message,
      content: body,
      server: serverOf(channel),
      isRedelivered: redelivered,
      deliveryTag,
      isAutoAcked: noAck === true,
      operation,
    });
    stateOf(channel).deliveries.add(deliveryTag, delivery);
    return delivery;
  });
}

function stateOf(channel: object): ChannelState {
  let state = states.get(channel);
  if (state === undefined) {
    state = { deliveries: new OpenDeliveries(), returns: new AwaitedReturns() };
    states.set(channel, state);
  }
  return state;
}

function serverOf(channel: object): AmqpServer {
  const { _conn: connection } = channel as {
    _conn?: { _socket?: { remoteAddress?: string; remotePort?: number } };
  };
  const socket = connection?._socket;
  return { address: socket?.remoteAddress ?? null, port: socket?.remotePort ?? null };
}

function wrap(prototype: Prototype, name: string, make: (original: Method) => Method): void {
  const original = prototype[name];
  if (typeof original === 'function') prototype[name] = make(original);
}

interface SettleParameters {
  readonly deliveryTag: number;
  readonly multiple: boolean;
  readonly requeue?: boolean;
}

/** Calls the library first: what it refuses did not happen. */
function after(
  prototype: Prototype,
  name: string,
  tell: (deliveries: OpenDeliveries, parameters: SettleParameters) => void,
): void {
  wrap(prototype, name, (original) => {
    return function (parameters, ...rest) {
      const result = original.call(this, parameters, ...rest);
      harmless(`rabbitmq-client ${name}`, () => {
        const asked = parameters as Partial<SettleParameters>;
        const { deliveryTag = 0, multiple = false } = asked;
        tell(stateOf(this).deliveries, { ...asked, deliveryTag, multiple });
      });
      return result;
    };
  });
}
