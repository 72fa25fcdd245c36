import { SpanStatusCode, context as contextApi, createContextKey } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { EventEmitter } from 'node:events';
import { randomUUID } from 'node:crypto';
import { harmless } from '../harmless.js';
import { processState } from '../process-state.js';
import { endSpan, runInSpan } from '../run/open-span.js';
import { openSend } from './open-send.js';
import type { OpenSend } from './open-send.js';
import { openTake } from './open-take.js';

export interface WatchOptions {
  /** Name of the bus on the map: the destination. */
  readonly name: string;
  /** Events to watch; all but `error` and the emitter's own when not given. */
  readonly events?: readonly string[];
}

type Listener = (this: unknown, ...args: unknown[]) => unknown;
type EventName = string | symbol;

/** The message that an `emit` is sending now, with the emitter and event it belongs to. */
interface Emission {
  readonly emitter: object;
  readonly event: string;
  readonly messageId: string;
  readonly open: OpenSend;
}

const EMISSION = createContextKey('throughline.emission');
/** Methods that add a listener, the one that we add ours with, and whether it is for one event only. */
const ADDERS = [
  ['on', 'on', false],
  ['addListener', 'addListener', false],
  ['prependListener', 'prependListener', false],
  ['once', 'on', true],
  ['prependOnceListener', 'prependListener', true],
] as const;
const OWN_EVENTS = new Set(['error', 'newListener', 'removeListener']);

/**
 * Watches an event emitter that the app uses as its bus: each `emit` is a message to the destination `name`
 * with the event as its type, each listener's work takes it (system `in-process`). An event that nobody
 * listens to is a message that nobody takes. Watching the same emitter again changes nothing.
 *
 * @returns ends the watch.
 */
export function watchEmitter(emitter: EventEmitter, options: WatchOptions): () => void {
  return harmless('watchEmitter', () => watch(emitter, options)) ?? ((): void => undefined);
}

function watch(emitter: EventEmitter, options: WatchOptions): () => void {
  const { watched } = processState();
  const known = watched.get(emitter) as (() => void) | undefined;
  if (known !== undefined) return known;
  const names = options.events === undefined ? null : new Set(options.events);
  const isWatched = (event: EventName): event is string =>
    typeof event === 'string' && !OWN_EVENTS.has(event) && (names?.has(event) ?? true);
  const target = emitter as unknown as Record<string, unknown>;
  const before = Object.getOwnPropertyDescriptors(target);
  const emit = emitter.emit.bind(emitter);
  const replaced: Record<string, unknown> = {
    emit: (event: EventName, ...args: unknown[]): boolean =>
      isWatched(event)
        ? sendEvent(emitter, { bus: options.name, event }, () => emit(event, ...args))
        : emit(event, ...args),
  };
  for (const [name, adder, isOnce] of ADDERS) {
    const add = emitter[adder].bind(emitter);
    const plain = emitter[name].bind(emitter);
    replaced[name] = (event: EventName, listener: Listener): EventEmitter => {
      if (!isWatched(event) || typeof listener !== 'function') {
        plain(event, listener);
        return emitter;
      }
      const taking = takingListener(emitter, options.name, listener);
      add(event, isOnce ? onceListener(emitter, event, taking) : taking);
      return emitter;
    };
  }
  Object.assign(target, replaced);
  readd(emitter, isWatched);
  const unwatch = (): void => {
    watched.delete(emitter);
    for (const name of Object.keys(replaced)) {
      const old = before[name];
      if (old === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, old);
    }
  };
  watched.set(emitter, unwatch);
  return unwatch;
}

interface BusEvent {
  readonly bus: string;
  readonly event: string;
}

function sendEvent(emitter: object, { bus, event }: BusEvent, emit: () => boolean): boolean {
  const messageId = randomUUID();
  const open = harmless('emit', () =>
    openSend({
      system: 'in-process',
      destination: bus,
      operation: 'send',
      messageId,
      correlationId: null,
      type: event,
      version: null,
      kind: 'event',
      payload: undefined,
      attributes: {},
    }),
  );
  if (open === undefined) return emit();
  const emission: Emission = { emitter, event, messageId, open };
  const context = open.context.setValue(EMISSION, emission);
  try {
    const wasTaken = contextApi.with(context, emit);
    endSpan(open.span);
    return wasTaken;
  } catch (error) {
    // A listener threw: that is the listener's failure, which its own span tells. The event was sent.
    harmless('emit', () => open.span.setStatus({ code: SpanStatusCode.UNSET }));
    endSpan(open.span);
    throw error;
  }
}

/** A listener whose work is the taking of the event. `listener` lets `off(event, original)` find it. */
function takingListener(emitter: object, bus: string, original: Listener): Listener {
  const taking: Listener & { listener?: Listener } = function (this: unknown, ...args) {
    const work = (): unknown => original.apply(this, args);
    const emission = emissionOf(contextApi.active(), emitter);
    if (emission === null) return work();
    return runInSpan(
      harmless('listener', () => openListener(bus, emission, original)),
      work,
    );
  };
  taking.listener = original;
  return taking;
}

/** Removes itself before it runs, as `once` does. */
function onceListener(emitter: EventEmitter, event: string, taking: Listener): Listener {
  const once: Listener & { listener?: Listener } = function (this: unknown, ...args) {
    emitter.removeListener(event, once);
    return taking.apply(this, args);
  };
  const original = (taking as { listener?: Listener }).listener;
  if (original !== undefined) once.listener = original;
  return once;
}

/** Listeners that were there before the watch are added again, in their order, through it. */
function readd(emitter: EventEmitter, isWatched: (event: EventName) => boolean): void {
  for (const event of emitter.eventNames().filter(isWatched)) {
    const listeners = emitter.rawListeners(event) as (Listener & { listener?: Listener })[];
    emitter.removeAllListeners(event);
    for (const listener of listeners) {
      // Only a `once` wrapper carries the listener that it wraps.
      if (listener.listener === undefined) emitter.on(event, listener);
      else emitter.once(event, listener.listener);
    }
  }
}

function emissionOf(context: Context, emitter: object): Emission | null {
  const emission = context.getValue(EMISSION) as Emission | undefined;
  return emission?.emitter === emitter ? emission : null;
}

function openListener(
  bus: string,
  { event, messageId, open }: Emission,
  listener: Listener,
): ReturnType<typeof openTake> {
  return openTake({
    system: 'in-process',
    destination: bus,
    subscription: listener.name === '' ? null : listener.name,
    operation: 'process',
    messageId,
    correlationId: open.correlationId,
    causationId: open.causationId,
    type: event,
    version: null,
    delivery: null,
    payload: undefined,
    attributes: {},
    upstream: open.context,
    isSameTrace: true,
  });
}
