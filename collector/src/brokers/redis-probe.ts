import { bullmqQueues, connectionNames } from './bullmq-queues.js';
import { NoData, type Probe, type ProbedQueue } from './probe.js';
import { RedisClient, type AskRedis, type RedisPlace } from './redis-client.js';
import { streamQueues } from './redis-streams.js';

export interface RedisWatched {
  readonly streams: readonly string[];
  /** Queues of BullMQ, and the prefix of their keys. */
  readonly bullmq: readonly string[];
  readonly bullmqPrefix: string;
}

/** Streams with their consumer groups, and queues of BullMQ: those that are named, for Redis does not list them. */
export class RedisProbe implements Probe {
  readonly #client: RedisClient;
  readonly #watched: RedisWatched;
  readonly #host: string;

  constructor(place: RedisPlace, watched: RedisWatched) {
    this.#client = new RedisClient(place);
    this.#watched = watched;
    this.#host = place.url.host;
  }

  async look(signal: AbortSignal): Promise<readonly ProbedQueue[]> {
    try {
      return await this.#client.use(signal, (ask) => this.#read(ask));
    } catch (error) {
      if (error instanceof NoData) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new NoData(`${this.#host} refused a question: ${reason}`);
    }
  }

  close(): void {
    this.#client.close();
  }

  async #read(ask: AskRedis): Promise<ProbedQueue[]> {
    const { streams, bullmq, bullmqPrefix: prefix } = this.#watched;
    const queues: ProbedQueue[] = [];
    for (const stream of streams) queues.push(...(await streamQueues(ask, stream)));
    const connections = bullmq.length === 0 ? null : await connectionNames(ask);
    for (const queue of bullmq) {
      queues.push(...(await bullmqQueues(ask, { prefix, queue }, connections)));
    }
    return queues;
  }
}
