import type { BrokerRoute } from '@throughline/model/broker';
import { shellWord } from '@throughline/model/shell-word';
import { nsFromMs, parseInstant, type UnixNs } from '@throughline/model/time';
import { getJson, type HttpPlace } from './get-json.js';
import {
  jetstreamState,
  type JetstreamConsumer,
  type JetstreamState,
  type JetstreamStream,
} from './jetstream-answers.js';
import { emptyQueue, NoData, type Probe, type ProbedQueue } from './probe.js';

const SYSTEM = 'nats';
/** Who was given a message so lately may be busy with it, though it does not ask for the next. */
const BUSY_MS = 60_000;

/** The monitoring port of a NATS server: its JetStream streams, and how far each consumer of them is. */
export class JetstreamProbe implements Probe {
  readonly #place: HttpPlace;

  constructor(place: HttpPlace) {
    this.#place = place;
  }

  async look(signal: AbortSignal): Promise<readonly ProbedQueue[]> {
    const { host } = this.#place.url;
    const body = await getJson(this.#place, 'jsz?consumers=true&config=true', signal);
    const answer = jetstreamState.safeParse(body);
    if (!answer.success) {
      throw new NoData(
        `${host} does not answer as the monitoring port of NATS does: is it its port?`,
      );
    }
    if (answer.data.disabled === true) throw new NoData(`${host} runs without JetStream`);
    return queuesOf(answer.data);
  }

  close(): void {
    // Each question has a connection of its own; the poller ends the one under way.
  }
}

function queuesOf(state: JetstreamState): ProbedQueue[] {
  const accounts = state.account_details ?? [];
  const now = parseInstant(state.now) ?? (0n as UnixNs);
  return accounts.flatMap(({ name: account, stream_detail: streams = [] }) =>
    streams.flatMap((stream) => {
      const name = accounts.length > 1 ? `${account}/${stream.name}` : stream.name;
      const consumers = stream.consumer_detail ?? [];
      if (consumers.length === 0) return streamAlone(stream, name);
      return consumers.map((consumer) => consumerOf(consumer, { stream, name, now }));
    }),
  );
}

/** A work queue that has no consumer. Other streams keep their messages whether or not anybody reads them. */
function streamAlone({ config, state }: JetstreamStream, name: string): ProbedQueue {
  const isQueue = config.retention === 'workqueue';
  return {
    ...emptyQueue(SYSTEM, name),
    fedBy: routesOf(config.subjects ?? []),
    waiting: isQueue ? state.messages : 0,
    consumers: isQueue ? 0 : null,
    oldestAtNs: isQueue && state.messages > 0 ? instantOf(state.first_ts) : null,
    isOldestExact: true,
  };
}

interface Around {
  readonly stream: JetstreamStream;
  readonly name: string;
  readonly now: UnixNs;
}

function consumerOf(consumer: JetstreamConsumer, { stream, name, now }: Around): ProbedQueue {
  const { num_pending: waiting, num_ack_pending: unsettled } = consumer;
  const givenUp = givenUpBy(consumer, stream);
  const filters = filtersOf(consumer);
  const isHeld = waiting + unsettled + givenUp > 0;
  // Before anything was settled the first message of the stream is the first that waits.
  const isFromFirst = consumer.ack_floor.stream_seq < stream.state.first_seq;
  const isExact = isHeld && isFromFirst && filters.length === 0;
  return {
    ...emptyQueue(SYSTEM, name),
    group: consumer.name,
    fedBy: routesOf(filters.length > 0 ? filters : (stream.config.subjects ?? [])),
    waiting,
    unsettled,
    consumers: attached(consumer, now),
    oldestAtNs: isExact ? instantOf(stream.state.first_ts) : null,
    isOldestExact: isExact,
    redelivered: consumer.num_redelivered,
    givenUp,
    deliveriesMax: deliveriesMax(consumer),
    redrive: givenUp > 0 ? redriveOf(consumer, stream) : null,
  };
}

/**
 * The server remembers what it delivered again until it is settled, and what it gave up is remembered without being
 * pending. That is a lower bound: a message that is pending for the last time is not given up yet.
 */
function givenUpBy(consumer: JetstreamConsumer, { state }: JetstreamStream): number {
  if (deliveriesMax(consumer) === null) return 0;
  const settledTo = Math.max(consumer.ack_floor.stream_seq, state.first_seq - 1);
  const unsettledMax = Math.max(0, Math.min(state.messages, state.last_seq - settledTo));
  const left = consumer.num_redelivered - consumer.num_ack_pending;
  return Math.max(0, Math.min(left, unsettledMax));
}

function deliveriesMax({ config }: JetstreamConsumer): number | null {
  const { max_deliver: max } = config;
  return max === undefined || max < 1 ? null : max;
}

/** Null: nobody asks for more just now, yet somebody may be at work. */
function attached(consumer: JetstreamConsumer, now: UnixNs): number | null {
  if (consumer.config.deliver_subject !== undefined) return consumer.push_bound === true ? 1 : 0;
  if (consumer.num_waiting > 0) return consumer.num_waiting;
  const lastNs = instantOf(consumer.delivered.last_active);
  return lastNs !== null && now - lastNs < nsFromMs(BUSY_MS) ? null : 0;
}

function filtersOf({ config }: JetstreamConsumer): readonly string[] {
  const one = config.filter_subject ?? '';
  return one === '' ? (config.filter_subjects ?? []) : [one];
}

/** Spans name the subject as the destination. */
function routesOf(subjects: readonly string[]): readonly BrokerRoute[] {
  return subjects.map((subject) => ({
    destination: subject.replace(/(^|\.)>$/, '$1**'),
    type: null,
  }));
}

/**
 * NATS has no command to move messages. A second consumer begins with the first message that was not settled; beside
 * those of a work queue there may be none, and what was settled there is gone: the consumer itself begins anew.
 */
function redriveOf(consumer: JetstreamConsumer, stream: JetstreamStream): string {
  const { name, config, ack_floor: floor } = consumer;
  const only = filtersOf(consumer).map((subject) => ` --filter ${shellWord(subject)}`);
  const settled = `${only.join('')} --ack explicit`;
  const of = shellWord(stream.name);
  if (stream.config.retention !== 'workqueue') {
    const from = Math.max(floor.stream_seq + 1, stream.state.first_seq);
    return `nats consumer add ${of} ${shellWord(`${name}-redrive`)} --pull --deliver ${from}${settled} --defaults`;
  }
  const { deliver_subject: target, max_deliver: tries, ack_wait: waitNs } = config;
  const kind = target === undefined ? '--pull' : `--target ${shellWord(target)}`;
  const wait = waitNs === undefined ? '' : ` --wait ${Math.round(waitNs / 1e6)}ms`;
  const same = shellWord(name);
  return `nats consumer rm ${of} ${same} --force && nats consumer add ${of} ${same} ${kind} --deliver all${settled} --max-deliver ${tries}${wait} --defaults`;
}

function instantOf(text: string | undefined): UnixNs | null {
  return text === undefined ? null : (parseInstant(text) ?? null);
}
