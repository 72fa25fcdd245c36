import type { ClientToServer, LiveDelta, ServerToClient } from '@throughline/model/socket-events';
import { io, type Socket } from 'socket.io-client';
import { basePath } from '../api/address.js';
import { applyDelta } from './apply-delta.js';

export interface LiveState {
  readonly isConnected: boolean;
  readonly isPaused: boolean;
  /** When the server was last heard, in milliseconds since the epoch; null before the first word. */
  readonly heardAtMs: number | null;
  /** When live updates were lost; null while they flow. */
  readonly lostAtMs: number | null;
  /** When the next attempt to reconnect is due. */
  readonly retryAtMs: number | null;
}

interface Subscription {
  readonly view: string;
  readonly params: Readonly<Record<string, string>>;
  readonly changed: (body: unknown, delta: LiveDelta | null) => void;
  body: unknown;
  seq: number;
}

const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 15_000;

/** One socket for the page. Views subscribe through it; a gap in their numbers makes them subscribe again. */
class LiveConnection {
  #socket: Socket<ServerToClient, ClientToServer> | null = null;
  #subscriptions = new Map<string, Subscription>();
  #watchers = new Set<() => void>();
  #nextName = 1;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #state: LiveState = {
    isConnected: false,
    isPaused: false,
    heardAtMs: null,
    lostAtMs: null,
    retryAtMs: null,
  };

  readonly state = (): LiveState => this.#state;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  connect(): void {
    if (this.#socket) return;
    const socket: Socket<ServerToClient, ClientToServer> = io({
      path: `${basePath}socket.io`,
      reconnection: false,
      transports: ['websocket'],
      timeout: 5000,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#retryMs = RETRY_FIRST_MS;
      this.#set({ isConnected: true, lostAtMs: null, retryAtMs: null, heardAtMs: Date.now() });
      for (const name of this.#subscriptions.keys()) this.#ask(name);
    });
    socket.on('disconnect', () => this.#lost());
    socket.on('connect_error', () => this.#lost());
    socket.on('snapshot', ({ subscription, seq, body }) => this.#snapshot(subscription, seq, body));
    socket.on('delta', ({ subscription, seq, body }) => this.#delta(subscription, seq, body));
  }

  /** Tries at once instead of waiting for the countdown. */
  readonly retry = (): void => {
    clearTimeout(this.#retryTimer);
    this.#set({ retryAtMs: null });
    this.#socket?.connect();
  };

  /** Paused means paused: no update is asked for, received or shown until it goes on. */
  readonly setPaused = (isPaused: boolean): void => {
    if (this.#state.isPaused === isPaused) return;
    this.#set({ isPaused });
    for (const name of this.#subscriptions.keys()) {
      if (isPaused) this.#socket?.emit('unsubscribe', { subscription: name });
      else this.#ask(name);
    }
  };

  subscribe(subscription: Pick<Subscription, 'view' | 'params' | 'changed'>): () => void {
    const name = `${subscription.view}#${String(this.#nextName++)}`;
    this.#subscriptions.set(name, { ...subscription, body: undefined, seq: -1 });
    this.#ask(name);
    return () => {
      this.#subscriptions.delete(name);
      if (this.#socket?.connected === true)
        this.#socket.emit('unsubscribe', { subscription: name });
    };
  }

  #ask(name: string): void {
    const subscription = this.#subscriptions.get(name);
    if (!subscription || this.#state.isPaused || this.#socket?.connected !== true) return;
    const { view, params } = subscription;
    this.#socket.emit('subscribe', { subscription: name, view, params });
  }

  #snapshot(name: string, seq: number, body: unknown): void {
    const subscription = this.#subscriptions.get(name);
    if (!subscription || this.#state.isPaused) return;
    subscription.seq = seq;
    subscription.body = body;
    this.#heard();
    subscription.changed(body, null);
  }

  #delta(name: string, seq: number, delta: LiveDelta): void {
    const subscription = this.#subscriptions.get(name);
    if (!subscription || this.#state.isPaused) return;
    if (seq <= subscription.seq) return;
    if (seq !== subscription.seq + 1) {
      this.#ask(name);
      return;
    }
    subscription.seq = seq;
    subscription.body = applyDelta(subscription.body, delta);
    this.#heard();
    subscription.changed(subscription.body, delta);
  }

  #heard(): void {
    this.#set({ heardAtMs: Date.now() });
  }

  #lost(): void {
    clearTimeout(this.#retryTimer);
    const lostAtMs = this.#state.lostAtMs ?? Date.now();
    this.#set({ isConnected: false, lostAtMs, retryAtMs: Date.now() + this.#retryMs });
    this.#retryTimer = setTimeout(this.retry, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}

export const live = new LiveConnection();
