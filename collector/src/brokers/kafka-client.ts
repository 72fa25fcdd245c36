import type * as kafka from '@platformatic/kafka';
import type { API, Connection, ConnectionPool } from '@platformatic/kafka';
import type { BrokerTarget } from '../config/config.js';
import { LIMITS } from '../limits.js';
import { NoData } from './probe.js';

/** Loaded when a Kafka is asked for the first time, and not at all where none is configured. */
type Library = typeof kafka;

/** Where the cluster is entered; its other brokers are found from there. */
export type KafkaPlace = Pick<
  BrokerTarget,
  'bootstrap' | 'isTls' | 'mechanism' | 'user' | 'password'
>;

const LEFT_OUT: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'GROUP_ID_NOT_FOUND',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

/** Asks brokers in the words of the Kafka protocol. Nothing is tried again here: the poller comes back. */
export class KafkaClient {
  readonly library: Library;
  readonly #place: KafkaPlace;
  readonly #pool: ConnectionPool;
  readonly #connections = new Set<Connection>();
  /** It has answered more than which versions it speaks, which it tells anybody. */
  #isLetIn = false;

  private constructor(library: Library, place: KafkaPlace) {
    this.library = library;
    this.#place = place;
    const { isTls, mechanism, user: username, password } = place;
    this.#pool = new library.ConnectionPool('throughline', {
      connectTimeout: LIMITS.brokerAnswerMsMax,
      ...(isTls ? { tls: {}, tlsServerName: true } : {}),
      ...(username === null ? {} : { sasl: { mechanism, username, password: password ?? '' } }),
    });
    this.#pool.on('connecting', ({ connection }: { connection: Connection }) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
      // Whoever waits for it is told; without a listener the process would end.
      connection.on('error', () => this.#connections.delete(connection));
    });
  }

  static async open(place: KafkaPlace): Promise<KafkaClient> {
    return new KafkaClient(await import('@platformatic/kafka'), place);
  }

  /** Whichever broker of the bootstrap list answers first. @throws NoData */
  async anyBroker(): Promise<Connection> {
    const brokers = [...this.#place.bootstrap];
    return this.#pool.getFirstAvailable(brokers).catch((error: unknown) => {
      throw new NoData(
        this.#outOfReach(error, brokers.map(({ host, port }) => `${host}:${port}`).join(', ')),
      );
    });
  }

  /** @throws NoData */
  async broker(place: { readonly host: string; readonly port: number }): Promise<Connection> {
    return this.#pool.get(place).catch((error: unknown) => {
      throw new NoData(this.#outOfReach(error, `${place.host}:${place.port}`));
    });
  }

  /** Parts of an answer may be refused: what was answered is in the error, and is what counts. */
  async ask<Words extends unknown[], Answer>(
    connection: Connection,
    api: API<Words, Answer>,
    ...words: Words
  ): Promise<Answer> {
    try {
      const answer = await api.async(connection, ...words);
      this.#isLetIn ||= api.key !== this.library.apiVersionsV3.api.key;
      return answer;
    } catch (error) {
      if (error instanceof this.library.ResponseError) return error.response as Answer;
      throw new NoData(this.#brokenOff(connection, innermost(error)));
    }
  }

  /**
   * @returns whether a part of an answer holds: what is gone or may not be seen is left out.
   * @throws NoData for what is not known just now, which must not be taken for nothing
   */
  isTold(errorCode: number): boolean {
    if (errorCode === 0) return true;
    const name = this.library.protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
    if (LEFT_OUT.has(name)) return false;
    throw new NoData(`the cluster cannot tell everything just now (${name})`);
  }

  /** Ends at once, also what is under way with a broker that never answers. */
  close(): void {
    for (const connection of this.#connections) {
      void connection.close().catch(() => undefined);
      connection.socket.destroy();
    }
    this.#connections.clear();
    void this.#pool.close().catch(() => undefined);
  }

  /** Who hangs up at the first word may have expected another beginning. */
  #brokenOff({ host = '', port = 0 }: Connection, { message }: Error): string {
    const { isTls, user } = this.#place;
    const wanted = [...(isTls ? [] : ['tls']), ...(user === null ? ['user and password'] : [])];
    const hint =
      this.#isLetIn || wanted.length === 0 ? '' : `: does it want ${wanted.join(', or ')}?`;
    return `${host}:${port} broke off the question (${message})${hint}`;
  }

  #outOfReach(error: unknown, hosts: string): string {
    const inner = innermost(error);
    const { user } = this.#place;
    if (findsAuthentication(error)) {
      return user === null
        ? `${hosts} wants a user name and a password: set user and password`
        : `${hosts} does not know the user ${user} with this password and mechanism`;
    }
    const { code } = inner as NodeJS.ErrnoException;
    return `${hosts} cannot be reached: ${code?.startsWith('PLT_') === false ? code : inner.message}`;
  }
}

/** What went wrong in the first place, beneath what the library says of it. */
function innermost(error: unknown): Error {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return innermost(error.errors[0]);
  }
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function findsAuthentication(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(findsAuthentication);
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'PLT_KFK_AUTHENTICATION' || findsAuthentication(error.cause);
}
