import { Redis } from 'ioredis';
import { LIMITS } from '../limits.js';
import { NoData } from './probe.js';

/** A reply of Redis: text, number, nothing, or a list of replies. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Asks Redis one command; an error of the server is thrown as it is. */
export type AskRedis = (command: string, ...words: readonly string[]) => Promise<RedisReply>;

export interface RedisPlace {
  readonly url: URL;
  readonly user: string | null;
  readonly password: string | null;
}

/** One connection, made when it is needed and made again when it was lost; nothing waits in a queue for it. */
export class RedisClient {
  readonly #place: RedisPlace;
  readonly #redis: Redis;
  /** Of the connection, since the last attempt: they say more than the rejection does. */
  readonly #errors: string[] = [];

  constructor(place: RedisPlace) {
    const { url, user, password } = place;
    this.#place = place;
    this.#redis = new Redis(url.href, {
      lazyConnect: true,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      connectTimeout: LIMITS.brokerAnswerMsMax,
      connectionName: 'throughline',
      ...(user === null ? {} : { username: user }),
      ...(password === null ? {} : { password }),
    });
    this.#redis.on('error', (error: NodeJS.ErrnoException) => {
      this.#errors.splice(0, Infinity, error.code ?? error.message);
    });
  }

  /** @throws NoData when there is no connection, or Redis does not let this user ask. */
  async use<T>(signal: AbortSignal, work: (ask: AskRedis) => Promise<T>): Promise<T> {
    const end = (): void => this.#redis.disconnect();
    signal.addEventListener('abort', end);
    try {
      await this.#connect();
      return await work((command, ...words) => this.#ask(command, words));
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #connect(): Promise<void> {
    if (this.#redis.status === 'ready') return;
    this.#errors.length = 0;
    try {
      await this.#redis.connect();
    } catch (error) {
      const reason =
        this.#errors.at(-1) ?? (error instanceof Error ? error.message : String(error));
      throw new NoData(`${this.#place.url.host} cannot be reached: ${reason}`);
    }
  }

  async #ask(command: string, words: readonly string[]): Promise<RedisReply> {
    try {
      return (await this.#redis.call(command, ...words)) as RedisReply;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!/^(NOAUTH|WRONGPASS)/.test(message)) throw error;
      const { url } = this.#place;
      throw new NoData(`${url.host} does not let this user in: set user and password`);
    }
  }
}

/** `[name, value, name, value …]` as XINFO answers. */
export function fieldsOf(reply: RedisReply): ReadonlyMap<string, RedisReply> {
  const fields = new Map<string, RedisReply>();
  const list = listOf(reply);
  for (let index = 0; index + 1 < list.length; index += 2) {
    fields.set(String(list[index]), list[index + 1] ?? null);
  }
  return fields;
}

export function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  return isList(reply) ? reply : [];
}

function isList(reply: RedisReply | undefined): reply is readonly RedisReply[] {
  return Array.isArray(reply);
}

export function numberOf(reply: RedisReply | undefined): number | null {
  const number = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

export function textOf(reply: RedisReply | undefined): string | null {
  return typeof reply === 'string' ? reply : null;
}
