import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { formatInstant, msFromNs } from '@throughline/model/time';
import type { ClientToServer, ServerToClient } from '@throughline/model/socket-events';
import { Server, type Socket } from 'socket.io';
import type { Clock } from '../clock.js';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import { Channel, channelKey, type Beat, type ReadView } from './channel.js';
import { mergeChanges, type LiveChange } from './live-change.js';
import { Outbox } from './outbox.js';
import { subscribeMessage, unsubscribeMessage, type Subscription } from './subscription.js';

export interface PublisherOptions {
  readonly server: HttpServer;
  readonly clock: Clock;
  readonly read: ReadView;
  /** Brings what `read` reads up to what is committed: a viewer who comes sees its own writes. */
  readonly settle: () => void;
  /** The fault to refuse a handshake with; undefined lets it in. CORS does not guard WebSockets: this does. */
  readonly refuse: (request: IncomingMessage) => Fault | undefined;
  /** Told of faults that are ours to mend. */
  readonly report: (error: unknown) => void;
}

type ViewerSocket = Socket<ClientToServer, ServerToClient>;

const IDLE: LiveChange = { runs: [], gone: [], findings: false, stats: false };

/**
 * Live views over socket.io. Changes are gathered for `liveDeltaPeriodMs`, each view is then read once for all
 * its viewers, and what differs is sent as one delta. A viewer with too much waiting when a round of deltas begins
 * is left out of the round, sees the gap in the sequence, and subscribes again. The deltas of one round all go to
 * it or none: a round of many views is no reason to miss one.
 */
export class Publisher {
  readonly #io: Server<ClientToServer, ServerToClient>;
  readonly #options: PublisherOptions;
  /** Channel key → channel, its rooms by the names that viewers gave their subscription. */
  readonly #channels = new Map<string, { channel: Channel; rooms: Map<string, number> }>();
  /** Id of a viewer's socket → what waits for it. */
  readonly #outboxes = new Map<string, Outbox>();
  #pending: LiveChange = IDLE;
  #cancelFlush: (() => void) | null = null;
  readonly #stopBeat: () => void;
  /** Keys of channels that sent a delta since the last beat. */
  readonly #moved = new Set<string>();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#io = new Server(options.server, {
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: LIMITS.liveRequestBytesMax,
      allowRequest: (request, answer) => {
        const fault = options.refuse(request) ?? this.#whenFull();
        answer(fault?.message ?? null, fault === undefined);
      },
    });
    this.#io.on('connection', (socket) => this.#welcome(socket));
    this.#stopBeat = options.clock.every(LIMITS.liveBeatPeriodMs, () => this.#beat());
  }

  get viewers(): number {
    return this.#io.engine.clientsCount;
  }

  /** Called after a change is committed and readable. */
  changed(change: LiveChange): void {
    this.#pending = mergeChanges(this.#pending, change);
    this.#scheduleFlush(LIMITS.liveDeltaPeriodMs);
  }

  async close(): Promise<void> {
    this.#stopBeat();
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#channels.clear();
    // Ends the sockets; the HTTP server is closed by whoever opened it.
    this.#io.disconnectSockets(true);
    this.#io.engine.close();
  }

  #whenFull(): Fault | undefined {
    if (this.viewers < LIMITS.viewersMax) return undefined;
    return new Fault('OVERLOADED', `${LIMITS.viewersMax} viewers are connected already`);
  }

  #welcome(socket: ViewerSocket): void {
    /** The viewer's name for a subscription → channel key. */
    const subscriptions = new Map<string, string>();
    this.#outboxes.set(socket.id, new Outbox(socket.conn));
    const leave = (name: string): void => {
      const key = subscriptions.get(name);
      if (key === undefined) return;
      subscriptions.delete(name);
      void socket.leave(roomOf(key, name));
      this.#release(key, name);
    };
    socket.on('subscribe', (message: unknown) => {
      const name = nameIn(message);
      leave(name);
      this.#guarded(socket, name, () => {
        if (subscriptions.size >= LIMITS.subscriptionsMax) {
          throw new Fault('OVERLOADED', `A viewer has at most ${LIMITS.subscriptionsMax} views`);
        }
        subscriptions.set(name, this.#subscribe(socket, checked(message)));
      });
    });
    socket.on('unsubscribe', (message: unknown) => {
      const parsed = unsubscribeMessage.safeParse(message);
      if (parsed.success) leave(parsed.data.subscription);
    });
    socket.on('disconnect', () => {
      this.#outboxes.delete(socket.id);
      for (const name of [...subscriptions.keys()]) leave(name);
    });
  }

  #subscribe(socket: ViewerSocket, asked: Subscription): string {
    const key = channelKey(asked);
    this.#options.settle();
    // A viewer starts from the reading that the others have, so that the next delta fits them all.
    this.#send(key, this.#busy());
    const entry = this.#channels.get(key) ?? {
      channel: new Channel(asked, this.#options.read),
      rooms: new Map<string, number>(),
    };
    this.#channels.set(key, entry);
    const { channel, rooms } = entry;
    rooms.set(asked.subscription, (rooms.get(asked.subscription) ?? 0) + 1);
    void socket.join(roomOf(key, asked.subscription));
    socket.emit('snapshot', {
      subscription: asked.subscription,
      seq: channel.seq,
      at: formatInstant(this.#options.clock.now()),
      body: channel.body,
    });
    return key;
  }

  #release(key: string, name: string): void {
    const entry = this.#channels.get(key);
    if (entry === undefined) return;
    const left = (entry.rooms.get(name) ?? 0) - 1;
    if (left > 0) entry.rooms.set(name, left);
    else entry.rooms.delete(name);
    if (entry.rooms.size === 0) this.#channels.delete(key);
  }

  #scheduleFlush(delayMs: number): void {
    this.#cancelFlush ??= this.#options.clock.after(delayMs, () => {
      this.#cancelFlush = null;
      this.#flush();
    });
  }

  #flush(): void {
    const change = this.#pending;
    this.#pending = IDLE;
    const nowMs = this.#nowMs();
    const busy = this.#busy();
    let soonestMs = Infinity;
    for (const [key, { channel }] of this.#channels) {
      channel.notice(change);
      if (!channel.isStale) continue;
      if (channel.restsUntilMs > nowMs) soonestMs = Math.min(soonestMs, channel.restsUntilMs);
      else this.#send(key, busy);
    }
    if (soonestMs < Infinity) this.#scheduleFlush(Math.max(1, soonestMs - nowMs));
  }

  /** Ids of the sockets that have more waiting than a viewer may. */
  #busy(): string[] {
    return [...this.#outboxes].filter(([, outbox]) => outbox.isFull).map(([id]) => id);
  }

  /** Reads the channel and tells its viewers what differs, but for the busy ones. */
  #send(key: string, busy: string[]): void {
    const entry = this.#channels.get(key);
    if (entry === undefined) return;
    const startedMs = this.#nowMs();
    try {
      const beat = entry.channel.advance();
      if (beat !== undefined) {
        this.#moved.add(key);
        this.#emit(key, beat, busy);
      }
    } catch (error) {
      this.#abandon(key, error);
      return;
    }
    // A view that is dear to read is read less often: at most one part in ten of the time.
    const costMs = this.#nowMs() - startedMs;
    entry.channel.restsUntilMs = startedMs + Math.max(LIMITS.liveDeltaPeriodMs, costMs * 10);
  }

  #emit(key: string, { seq, body }: Beat, except: string[]): void {
    const at = formatInstant(this.#options.clock.now());
    for (const name of this.#channels.get(key)?.rooms.keys() ?? []) {
      const viewers = this.#io.to(roomOf(key, name)).except(except);
      viewers.emit('delta', { subscription: name, seq, at, body });
    }
  }

  /** Once a view is quiet again, whoever missed its last delta must learn of it. */
  #beat(): void {
    for (const key of this.#moved) {
      const entry = this.#channels.get(key);
      if (entry !== undefined) this.#emit(key, entry.channel.beat(), []);
    }
    this.#moved.clear();
  }

  /** What was on screen cannot be read any more: the run is gone, or we are at fault. */
  #abandon(key: string, error: unknown): void {
    const entry = this.#channels.get(key);
    const fault = this.#faultOf(error);
    for (const name of entry?.rooms.keys() ?? []) {
      const message = { subscription: name, title: fault.code, detail: fault.message };
      this.#io.to(roomOf(key, name)).emit('fault', message);
    }
    this.#channels.delete(key);
  }

  #guarded(socket: ViewerSocket, subscription: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      const fault = this.#faultOf(error);
      socket.emit('fault', { subscription, title: fault.code, detail: fault.message });
    }
  }

  #faultOf(error: unknown): Fault {
    if (error instanceof Fault) return error;
    this.#options.report(error);
    return new Fault('INTERNAL', 'Something went wrong on our side', { cause: error });
  }

  #nowMs(): number {
    return msFromNs(this.#options.clock.now());
  }
}

function checked(message: unknown): Subscription {
  const parsed = subscribeMessage.safeParse(message);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message: text }) => `${path.join('.')}: ${text}`,
  );
  throw new Fault('BAD_PARAMETER', problems.join('; '));
}

function nameIn(message: unknown): string {
  const parsed = unsubscribeMessage.safeParse(message);
  return parsed.success ? parsed.data.subscription : '';
}

function roomOf(key: string, name: string): string {
  return `${key}\n${name}`;
}
