import { instantFromMs } from '@throughline/model/time';
import type { z } from 'zod';
import { LIMITS } from '../limits.js';
import { getJson, type HttpPlace } from './get-json.js';
import { emptyQueue, NoData, type Probe, type ProbedQueue } from './probe.js';
import {
  rabbitBindings,
  rabbitExchanges,
  rabbitQueuePage,
  type RabbitQueue,
} from './rabbitmq-answers.js';
import { RabbitDeadLetters } from './rabbitmq-dead-letters.js';
import { RabbitRoutes } from './rabbitmq-routes.js';
import { shellWord } from '@throughline/model/shell-word';

const SYSTEM = 'rabbitmq';
const PAGE_SIZE = 500;
const COLUMNS = [
  'name',
  'messages_ready',
  'messages_unacknowledged',
  'consumers',
  'head_message_timestamp',
  'arguments',
  'effective_policy_definition',
  'message_stats.publish_details.rate',
  'message_stats.deliver_get_details.rate',
].join(',');

/** The management API of RabbitMQ: the queues of one virtual host, who reads them, and which hold dead letters. */
export class RabbitmqProbe implements Probe {
  readonly #place: HttpPlace;
  readonly #vhost: string;

  constructor(place: HttpPlace, vhost: string) {
    this.#place = place;
    this.#vhost = vhost;
  }

  async look(signal: AbortSignal): Promise<readonly ProbedQueue[]> {
    const host = encodeURIComponent(this.#vhost);
    const queues = await this.#queues(host, signal);
    const [bindings, exchanges] = await Promise.all([
      this.#get(`api/bindings/${host}`, rabbitBindings, signal),
      this.#get(`api/exchanges/${host}?columns=name,type`, rabbitExchanges, signal),
    ]);
    const routes = new RabbitRoutes(bindings, exchanges);
    const letters = new RabbitDeadLetters(queues, routes);
    return queues.map((queue) => queueOf(queue, { routes, letters, vhost: this.#vhost }));
  }

  close(): void {
    // Each question has a connection of its own; the poller ends the one under way.
  }

  /** A page at a time, so that a broker with thousands of queues is not asked for all of them at once. */
  async #queues(host: string, signal: AbortSignal): Promise<RabbitQueue[]> {
    const queues: RabbitQueue[] = [];
    for (let page = 1; ; page++) {
      const path = `api/queues/${host}?page=${page}&page_size=${PAGE_SIZE}&pagination=true&columns=${COLUMNS}`;
      const { items, page_count } = await this.#get(path, rabbitQueuePage, signal);
      queues.push(...items);
      if (page >= page_count) return queues;
      if (queues.length >= LIMITS.brokerQueuesReadMax) {
        throw new NoData(
          `${this.#place.url.host} has more than ${LIMITS.brokerQueuesReadMax} queues in this vhost, which is too many to ask for`,
        );
      }
    }
  }

  async #get<T extends z.ZodType>(
    path: string,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.infer<T>> {
    const answer = schema.safeParse(await getJson(this.#place, path, signal));
    if (answer.success) return answer.data;
    const { host } = this.#place.url;
    throw new NoData(`${host} does not answer as RabbitMQ's management API does: is it its port?`);
  }
}

interface Around {
  readonly routes: RabbitRoutes;
  readonly letters: RabbitDeadLetters;
  readonly vhost: string;
}

function queueOf(queue: RabbitQueue, { routes, letters, vhost }: Around): ProbedQueue {
  const { name, message_stats: stats } = queue;
  const headSeconds = queue.head_message_timestamp ?? null;
  const deadLetterOf = letters.sourcesOf(name);
  const isDeadLetter = letters.isDeadLetter(name);
  return {
    ...emptyQueue(SYSTEM, name),
    fedBy: routes.into(name),
    waiting: queue.messages_ready ?? 0,
    unsettled: queue.messages_unacknowledged ?? 0,
    consumers: queue.consumers ?? null,
    oldestAtNs: headSeconds === null ? null : instantFromMs(headSeconds * 1_000),
    isOldestExact: headSeconds !== null,
    isDelay: letters.isDelay(name),
    isDeadLetter,
    deadLetterOf,
    inPerMinute: perMinute(stats?.publish_details?.rate),
    outPerMinute: perMinute(stats?.deliver_get_details?.rate),
    redrive: isDeadLetter ? redriveOf(name, deadLetterOf, vhost) : null,
  };
}

function perMinute(perSecond: number | undefined): number | null {
  return perSecond === undefined ? null : perSecond * 60;
}

/** A shovel that ends once it has moved what lies there now; the headers that tell the history stay. */
function redriveOf(name: string, sources: readonly string[], vhost: string): string {
  const shovel = JSON.stringify({
    'src-protocol': 'amqp091',
    'src-uri': 'amqp://',
    'src-queue': name,
    'src-delete-after': 'queue-length',
    'dest-protocol': 'amqp091',
    'dest-uri': 'amqp://',
    'dest-queue': sources.length === 1 ? sources[0] : '<the queue they came from>',
  });
  const where = vhost === '/' ? '' : ` -p ${shellWord(vhost)}`;
  return `rabbitmqctl set_parameter${where} shovel ${shellWord(`redrive-${name}`)} ${shellWord(shovel)}`;
}
