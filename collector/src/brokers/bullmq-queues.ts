import { bullmqRedrive } from '@throughline/model/redrive';
import { instantFromMs, type UnixNs } from '@throughline/model/time';
import { emptyQueue, type ProbedQueue } from './probe.js';
import { listOf, numberOf, textOf, type AskRedis } from './redis-client.js';

const SYSTEM = 'bullmq';

export interface BullmqKeys {
  readonly prefix: string;
  readonly queue: string;
}

/** What waits in a queue of BullMQ and what failed for good, by the keys that BullMQ 4 and later write. */
export async function bullmqQueues(
  ask: AskRedis,
  keys: BullmqKeys,
  connections: readonly string[] | null,
): Promise<ProbedQueue[]> {
  const { prefix, queue } = keys;
  const key = (part: string): string => `${prefix}:${queue}:${part}`;
  const size = async (command: string, part: string): Promise<number> =>
    numberOf(await ask(command, key(part))) ?? 0;
  const last = textOf(await ask('LINDEX', key('wait'), '-1'));
  // BullMQ before 5 keeps a marker at the end of the list.
  const marker = last?.startsWith('0:') === true ? 1 : 0;
  const waiting =
    (await size('LLEN', 'wait')) -
    marker +
    (await size('LLEN', 'paused')) +
    (await size('ZCARD', 'prioritized'));
  return [
    {
      ...emptyQueue(SYSTEM, queue),
      waiting,
      unsettled: await size('LLEN', 'active'),
      consumers: connections === null ? null : workersAmong(connections, keys),
      oldestAtNs: marker === 1 || last === null ? null : await madeAt(ask, key(last)),
      isOldestExact: true,
    },
    {
      ...emptyQueue(SYSTEM, `${queue}:failed`),
      waiting: await size('ZCARD', 'failed'),
      oldestAtNs: await firstFailedAt(ask, key('failed')),
      isOldestExact: true,
      isDeadLetter: true,
      deadLetterOf: [queue],
      redrive: bullmqRedrive(keys.prefix, keys.queue),
    },
  ];
}

/** Names of all connections; null where the user may not list them. */
export async function connectionNames(ask: AskRedis): Promise<readonly string[] | null> {
  try {
    const list = textOf(await ask('CLIENT', 'LIST')) ?? '';
    return [...list.matchAll(/(?:^| )name=(\S*)/gm)].map(([, name = '']) => name);
  } catch {
    return null;
  }
}

/** A worker names its connection after its queue, and perhaps itself behind that. */
function workersAmong(connections: readonly string[], { prefix, queue }: BullmqKeys): number {
  const name = `${prefix}:${Buffer.from(queue).toString('base64')}`;
  return connections.filter((each) => each === name || each.startsWith(`${name}:w:`)).length;
}

async function madeAt(ask: AskRedis, job: string): Promise<UnixNs | null> {
  return instantOf(numberOf(await ask('HGET', job, 'timestamp')));
}

async function firstFailedAt(ask: AskRedis, key: string): Promise<UnixNs | null> {
  const [first, score] = listOf(await ask('ZRANGE', key, '0', '0', 'WITHSCORES'));
  // Newer protocols pair a member with its score, older ones put them one after the other.
  return instantOf(numberOf(Array.isArray(first) ? listOf(first)[1] : score));
}

function instantOf(ms: number | null): UnixNs | null {
  return ms === null || ms <= 0 ? null : instantFromMs(Math.floor(ms));
}
