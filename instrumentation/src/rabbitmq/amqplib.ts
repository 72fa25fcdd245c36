import { context as contextApi } from '@opentelemetry/api';
import { harmless } from '../harmless.js';
import { text } from './amqp-message.js';
import type { AmqpProperties, AmqpServer } from './amqp-message.js';
import { OpenDeliveries } from './open-deliveries.js';
import { AwaitedReturns, endPublish, markReturned, openPublish } from './publish.js';
import type { OpenPublish } from './publish.js';
import { RabbitDelivery } from './rabbit-delivery.js';
import { isWrappedByOthers } from '../hooks/wrapped.js';

/** A channel of amqplib, promise or callback model, as far as we look at it. */
interface AmqplibChannel {
  readonly connection?: unknown;
}

interface AmqplibMessage {
  readonly fields: {
    readonly deliveryTag: number;
    readonly redelivered: boolean;
    readonly exchange: string;
    readonly routingKey: string;
  };
  readonly properties: AmqpProperties;
  readonly content: Buffer;
}

type ConfirmCallback = (...args: unknown[]) => unknown;
type Method = (this: AmqplibChannel, ...args: unknown[]) => unknown;
type Prototype = Record<string, Method>;

/** Files of amqplib that define channels; both export the same two classes. */
export interface AmqplibModule {
  readonly Channel: { readonly prototype: unknown };
  readonly ConfirmChannel: { readonly prototype: unknown };
}

interface ChannelState {
  readonly deliveries: OpenDeliveries;
  readonly returns: AwaitedReturns;
  /** Spans of a confirm channel by message id, until the broker confirms. */
  readonly unconfirmed: Map<string, OpenPublish>;
  /** The confirm channel publishes through its parent class: that call is not a second message. */
  isPublishing: boolean;
}

const states = new WeakMap<object, ChannelState>();

/** Wraps the channel methods of one file of amqplib. */
export function patchAmqplib(module: AmqplibModule): void {
  const channel = module.Channel.prototype as Prototype;
  if (isWrappedByOthers(channel['publish'])) return;
  patchPublish(channel);
  patchConfirmPublish(module.ConfirmChannel.prototype as Prototype);
  patchConsume(channel);
  patchGet(channel);
  patchSettle(channel);
  patchEmit(channel);
}

function patchPublish(prototype: Prototype): void {
  wrap(prototype, 'publish', (publish) => {
    return function (exchange, routingKey, content, options, ...rest) {
      const state = stateOf(this);
      if (state.isPublishing) {
        return publish.call(this, exchange, routingKey, content, options, ...rest);
      }
      const opened = open(this, { exchange, routingKey, content, options });
      if (opened === null) {
        return publish.call(this, exchange, routingKey, content, options, ...rest);
      }
      const { span } = opened.open;
      try {
        const isTaken = publish.call(this, exchange, routingKey, content, opened.properties);
        if (isMandatory(options)) state.returns.wait(opened.messageId, span);
        else endPublish(span);
        return isTaken;
      } catch (error) {
        endPublish(span, { error });
        throw error;
      }
    };
  });
}

function patchConfirmPublish(prototype: Prototype): void {
  wrap(prototype, 'publish', (publish) => {
    return function (exchange, routingKey, content, options, callback) {
      const state = stateOf(this);
      const opened = open(this, { exchange, routingKey, content, options });
      if (opened === null) {
        return publish.call(this, exchange, routingKey, content, options, callback);
      }
      const { span } = opened.open;
      state.unconfirmed.set(opened.messageId, opened);
      // Confirms arrive in the socket's context; what the app does then belongs to the caller's step.
      const bound = contextApi.bind(contextApi.active(), callback as ConfirmCallback);
      const confirmed = (error: unknown, ...rest: unknown[]): unknown => {
        state.unconfirmed.delete(opened.messageId);
        endPublish(span, isNone(error) ? undefined : { error });
        return typeof callback === 'function' ? bound(error, ...rest) : undefined;
      };
      state.isPublishing = true;
      try {
        return publish.call(this, exchange, routingKey, content, opened.properties, confirmed);
      } catch (error) {
        state.unconfirmed.delete(opened.messageId);
        endPublish(span, { error });
        throw error;
      } finally {
        state.isPublishing = false;
      }
    };
  });
}

function patchConsume(prototype: Prototype): void {
  wrap(prototype, 'consume', (consume) => {
    return function (queue, callback, options, ...rest) {
      if (typeof callback !== 'function')
        return consume.call(this, queue, callback, options, ...rest);
      const take = deliver.bind(null, this);
      const isAutoAcked = (options as { noAck?: boolean } | undefined)?.noAck === true;
      const handler = callback as (message: AmqplibMessage | null) => unknown;
      // A null message says that the broker cancelled the consumer: nothing was delivered.
      const taking = (message: AmqplibMessage | null): unknown => {
        const delivery =
          message === null
            ? undefined
            : take(message, { queue, isAutoAcked, operation: 'consume' });
        return delivery === undefined ? handler(message) : delivery.run(() => handler(message));
      };
      return consume.call(this, queue, taking, options, ...rest);
    };
  });
}

/** A fetched message is in hand until it is settled; no call of ours surrounds the app's work on it. */
function patchGet(prototype: Prototype): void {
  wrap(prototype, 'get', (get) => {
    return function (queue, options, callback) {
      const take = deliver.bind(null, this);
      const isAutoAcked = (options as { noAck?: boolean } | undefined)?.noAck === true;
      const got = (message: unknown): void => {
        if (typeof message !== 'object' || message === null) return;
        const facts = { queue, isAutoAcked, operation: 'get' };
        take(message as AmqplibMessage, facts)?.run(() => undefined);
      };
      if (typeof callback === 'function') {
        return get.call(this, queue, options, (error: unknown, message: unknown) => {
          got(message);
          return (callback as ConfirmCallback)(error, message);
        });
      }
      const result = get.call(this, queue, options);
      if (!(result instanceof Promise)) return result;
      return result.then((message: unknown) => {
        got(message);
        return message;
      });
    };
  });
}

function patchSettle(prototype: Prototype): void {
  const tagOf = (message: unknown): number => (message as AmqplibMessage).fields.deliveryTag;
  after(prototype, 'ack', (deliveries, message, allUpTo) =>
    deliveries.settle(tagOf(message), allUpTo === true, { verb: 'ack', isRequeued: false }),
  );
  after(prototype, 'ackAll', (deliveries) =>
    deliveries.settle(0, true, { verb: 'ack', isRequeued: false }),
  );
  // amqplib gives back to the queue unless told otherwise.
  after(prototype, 'nack', (deliveries, message, allUpTo, requeue) =>
    deliveries.settle(tagOf(message), allUpTo === true, nack('nack', requeue)),
  );
  after(prototype, 'nackAll', (deliveries, requeue) =>
    deliveries.settle(0, true, nack('nack', requeue)),
  );
  after(prototype, 'reject', (deliveries, message, requeue) =>
    deliveries.settle(tagOf(message), false, nack('reject', requeue)),
  );
}

function nack(
  verb: 'nack' | 'reject',
  requeue: unknown,
): { verb: typeof verb; isRequeued: boolean } {
  return { verb, isRequeued: requeue === undefined || Boolean(requeue) };
}

function patchEmit(prototype: Prototype): void {
  wrap(prototype, 'emit', (emit) => {
    return function (event, ...args) {
      if (event === 'return') harmless('return', () => returned(stateOf(this), args[0]));
      if (event === 'close') stateOf(this).deliveries.abandonAll();
      return emit.call(this, event, ...args);
    };
  });
}

function returned(state: ChannelState, message: unknown): void {
  const { properties, fields } = message as {
    properties: AmqpProperties;
    fields: { replyText?: unknown };
  };
  const unconfirmed = state.unconfirmed.get(String(properties.messageId));
  if (unconfirmed !== undefined) markReturned(unconfirmed.open.span, fields.replyText);
  else state.returns.returned(properties.messageId, fields.replyText);
}

interface PublishArguments {
  readonly exchange: unknown;
  readonly routingKey: unknown;
  readonly content: unknown;
  readonly options: unknown;
}

function open(channel: AmqplibChannel, args: PublishArguments): OpenPublish | null {
  const { exchange, routingKey, content, options } = args;
  const opened = harmless('amqplib publish', () =>
    openPublish({
      exchange: text(exchange) ?? '',
      routingKey: text(routingKey) ?? '',
      properties: options ?? {},
      content,
      server: serverOf(channel),
    }),
  );
  return opened ?? null;
}

interface ConsumerFacts {
  readonly queue: unknown;
  readonly isAutoAcked: boolean;
  readonly operation: string;
}

function deliver(
  channel: AmqplibChannel,
  message: AmqplibMessage,
  { queue, isAutoAcked, operation }: ConsumerFacts,
): RabbitDelivery | undefined {
  return harmless('amqplib consume', () => {
    const { exchange, routingKey, redelivered, deliveryTag } = message.fields;
    const delivery = new RabbitDelivery({
      route: { exchange, routingKey, queue: text(queue) ?? '' },
      properties: message.properties,
      content: message.content,
      server: serverOf(channel),
      isRedelivered: redelivered,
      deliveryTag,
      isAutoAcked,
      operation,
    });
    stateOf(channel).deliveries.add(deliveryTag, delivery);
    return delivery;
  });
}

function stateOf(channel: object): ChannelState {
  let state = states.get(channel);
  if (state === undefined) {
    state = {
      deliveries: new OpenDeliveries(),
      returns: new AwaitedReturns(),
      unconfirmed: new Map(),
      isPublishing: false,
    };
    states.set(channel, state);
  }
  return state;
}

function serverOf(channel: AmqplibChannel): AmqpServer {
  const { stream } = (channel.connection ?? {}) as {
    stream?: { remoteAddress?: string; remotePort?: number };
  };
  return { address: stream?.remoteAddress ?? null, port: stream?.remotePort ?? null };
}

function wrap(prototype: Prototype, name: string, make: (original: Method) => Method): void {
  const original = prototype[name];
  if (typeof original === 'function') prototype[name] = make(original);
}

/** Calls the library first: what it refuses did not happen. */
function after(
  prototype: Prototype,
  name: string,
  tell: (deliveries: OpenDeliveries, ...args: unknown[]) => void,
): void {
  wrap(prototype, name, (original) => {
    return function (...args) {
      const result = original.apply(this, args);
      harmless(`amqplib ${name}`, () => tell(stateOf(this).deliveries, ...args));
      return result;
    };
  });
}

function isMandatory(options: unknown): boolean {
  return (options as { mandatory?: unknown } | null | undefined)?.mandatory === true;
}

function isNone(error: unknown): boolean {
  return error === null || error === undefined;
}
