import { isDeadLetterName } from '@throughline/model/dead-letter-name';
import { shellWord } from '@throughline/model/shell-word';
import type { UnixNs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import { emptyQueue, NoData, type Probe, type ProbedQueue } from './probe.js';
import { SqsAges } from './sqs-ages.js';
import { SqsClient, type SqsPlace, type SqsQueue } from './sqs-client.js';

const SYSTEM = 'aws_sqs';
/** Questions under way at once. */
const AT_ONCE = 8;

/** The queues of one region: what waits, what is in flight, and which keep whose dead letters. No message is received. */
export class SqsProbe implements Probe {
  readonly #place: SqsPlace;
  readonly #clock: Pick<Clock, 'now'>;
  #clients: { readonly sqs: SqsClient; readonly ages: SqsAges | null } | null = null;
  /** Addresses of queues that are looked at by their names. */
  readonly #urls = new Map<string, string>();

  constructor(place: SqsPlace, clock: Pick<Clock, 'now'>) {
    this.#place = place;
    this.#clock = clock;
  }

  async look(signal: AbortSignal): Promise<readonly ProbedQueue[]> {
    this.#clients ??= {
      sqs: await SqsClient.open(this.#place),
      ages: await SqsAges.open(this.#place),
    };
    const { sqs, ages } = this.#clients;
    const found = await this.#queues(sqs, signal);
    const held = found.filter((queue) => heldBy(queue) > 0).map(({ name }) => name);
    const oldest = (await ages?.find(held, this.#clock.now(), signal)) ?? new Map<string, UnixNs>();
    const sourcesOf = sourcesByArn(found);
    return found.map((queue) => ({
      ...this.#queueOf(queue, sourcesOf.get(queue.arn) ?? []),
      oldestAtNs: oldest.get(queue.name) ?? null,
      isOldestExact: oldest.has(queue.name),
    }));
  }

  close(): void {
    this.#clients?.sqs.close();
    this.#clients?.ages?.close();
  }

  /** Those that are named, or all; and where they put messages aside, whether that is named or not. */
  async #queues(sqs: SqsClient, signal: AbortSignal) {
    const { queues: names, region } = this.#place;
    const named = await inTurns(names, (name) => this.#urlOf(sqs, { name, account: null }, signal));
    const missing = names.filter((_name, index) => named[index] === null);
    if (missing.length > 0) {
      throw new NoData(
        `${region} has no queue ${missing.join(', ')} that this key may see: mend queues, or allow sqs:GetQueueUrl`,
      );
    }
    const urls = names.length === 0 ? await sqs.list(signal) : present(named);
    const found = present(await inTurns(urls, (url) => sqs.queueAt(url, signal)));
    const known = new Set(found.map(({ arn }) => arn));
    const targets = new Set(found.flatMap(({ putsAside }) => putsAside?.targetArn ?? []));
    const unknown = [...targets].filter((arn) => !known.has(arn)).map(parsedArn);
    const asides = await inTurns(present(unknown), async (place) => {
      const url = await this.#urlOf(sqs, place, signal);
      return url === null ? null : sqs.queueAt(url, signal);
    });
    if (urls.length > 0 && found.length === 0) {
      throw new NoData(
        `${region} does not let this key see its queues: allow sqs:GetQueueAttributes`,
      );
    }
    return [...found, ...present(asides)];
  }

  async #urlOf(sqs: SqsClient, { name, account }: Named, signal: AbortSignal) {
    const key = `${account ?? ''} ${name}`;
    const url = this.#urls.get(key) ?? (await sqs.urlOf(name, account, signal));
    if (url !== null) this.#urls.set(key, url);
    return url;
  }

  #queueOf(queue: SqsQueue, deadLetterOf: readonly string[]): ProbedQueue {
    const { name, visible, delayed, inFlight, putsAside } = queue;
    const isDeadLetter = deadLetterOf.length > 0 || isDeadLetterName(name);
    return {
      ...emptyQueue(SYSTEM, name),
      waiting: visible + delayed,
      unsettled: inFlight,
      isDeadLetter,
      deadLetterOf,
      deliveriesMax: putsAside?.receivesMax ?? null,
      redrive: isDeadLetter ? this.#redriveOf(queue.arn) : null,
    };
  }

  /** SQS moves them itself, each to the queue that it came from. */
  #redriveOf(arn: string): string {
    const { region, endpoint } = this.#place;
    const where = endpoint === null ? '' : ` --endpoint-url ${shellWord(endpoint)}`;
    return `aws sqs start-message-move-task --region ${shellWord(region)}${where} --source-arn ${shellWord(arn)}`;
  }
}

interface Named {
  readonly name: string;
  readonly account: string | null;
}

/** `arn:aws:sqs:region:account:name` */
function parsedArn(arn: string): Named | null {
  const [, , service, , account, name] = arn.split(':');
  return service === 'sqs' && account !== undefined && name !== undefined
    ? { account, name }
    : null;
}

function sourcesByArn(queues: readonly SqsQueue[]): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, string[]>();
  for (const { name, putsAside } of queues) {
    if (putsAside === null) continue;
    const known = sources.get(putsAside.targetArn);
    if (known === undefined) sources.set(putsAside.targetArn, [name]);
    else known.push(name);
  }
  for (const names of sources.values()) names.sort();
  return sources;
}

function heldBy({ visible, delayed, inFlight }: SqsQueue): number {
  return visible + delayed + inFlight;
}

function present<Item>(items: readonly (Item | null)[]): Item[] {
  return items.filter((item) => item !== null);
}

/** A few at a time; answers in the order of the items. */
async function inTurns<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(ask))));
  }
  return answers;
}
