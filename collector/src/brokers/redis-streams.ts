import { shellWord } from '@throughline/model/shell-word';
import { instantFromMs, type UnixNs } from '@throughline/model/time';
import { emptyQueue, type ProbedQueue } from './probe.js';
import {
  fieldsOf,
  listOf,
  numberOf,
  textOf,
  type AskRedis,
  type RedisReply,
} from './redis-client.js';

const SYSTEM = 'redis';
/** Who asked for messages so lately is attached. */
const ASKED_MS = 60_000;
/** Who holds messages may be busy with them for so long. */
const BUSY_MS = 15 * 60_000;
/** Where the server does not know the lag (before Redis 7, or after deletions) it is counted up to here. */
const COUNTED_MAX = 1_000;

/** How far each consumer group of a stream is. */
export async function streamQueues(ask: AskRedis, stream: string): Promise<ProbedQueue[]> {
  const kind = await ask('TYPE', stream);
  if (kind !== 'stream') return [emptyQueue(SYSTEM, stream)];
  const groups = listOf(await ask('XINFO', 'GROUPS', stream)).map(fieldsOf);
  if (groups.length === 0) return [emptyQueue(SYSTEM, stream)];
  const queues: ProbedQueue[] = [];
  for (const group of groups) queues.push(await groupQueue(ask, stream, group));
  return queues;
}

async function groupQueue(
  ask: AskRedis,
  stream: string,
  fields: ReadonlyMap<string, RedisReply>,
): Promise<ProbedQueue> {
  const group = String(fields.get('name'));
  const deliveredTo = textOf(fields.get('last-delivered-id')) ?? '0-0';
  const [pending, oldestPending] = listOf(await ask('XPENDING', stream, group));
  const unsettled = numberOf(pending) ?? 0;
  const waiting =
    numberOf(fields.get('lag')) ?? (await waitingBehind(ask, { stream, deliveredTo }, COUNTED_MAX));
  const first = (await entriesBehind(ask, { stream, deliveredTo }, 1))[0];
  const oldest = unsettled > 0 ? textOf(oldestPending) : textOf(listOf(first)[0]);
  return {
    ...emptyQueue(SYSTEM, stream),
    group,
    waiting,
    unsettled,
    consumers: await attachedTo(ask, stream, group),
    oldestAtNs: oldest === null ? null : instantOfId(oldest),
    isOldestExact: true,
    redrive:
      unsettled > 0
        ? `redis-cli XAUTOCLAIM ${shellWord(stream)} ${shellWord(group)} <a consumer that runs> 60000 0`
        : null,
  };
}

interface Behind {
  readonly stream: string;
  readonly deliveredTo: string;
}

async function entriesBehind(ask: AskRedis, { stream, deliveredTo }: Behind, max: number) {
  return listOf(await ask('XRANGE', stream, `(${deliveredTo}`, '+', 'COUNT', String(max)));
}

async function waitingBehind(ask: AskRedis, behind: Behind, max: number): Promise<number> {
  return (await entriesBehind(ask, behind, max)).length;
}

/**
 * Redis remembers consumers for ever and does not tell who is connected. Whoever waits for messages asks for them
 * again and again, or is given what comes; whoever does neither, and holds nothing, is gone.
 */
async function attachedTo(ask: AskRedis, stream: string, group: string): Promise<number> {
  const consumers = listOf(await ask('XINFO', 'CONSUMERS', stream, group)).map(fieldsOf);
  return consumers.filter((consumer) => {
    const idleMs = numberOf(consumer.get('idle')) ?? 0;
    const holds = (numberOf(consumer.get('pending')) ?? 0) > 0;
    return idleMs < (holds ? BUSY_MS : ASKED_MS);
  }).length;
}

/** An id begins with the milliseconds of its making, unless somebody chose it. */
function instantOfId(id: string): UnixNs | null {
  const ms = Number(id.split('-')[0]);
  return Number.isSafeInteger(ms) && ms > 0 ? instantFromMs(ms) : null;
}
