import type * as cloudwatch from '@aws-sdk/client-cloudwatch';
import { instantFromMs, type UnixNs } from '@throughline/model/time';
import { askAws, awsOptions } from './ask-aws.js';
import type { SqsPlace } from './sqs-client.js';

/** CloudWatch takes as many metrics in one question. */
const METRICS_MAX = 500;
/** It is given a figure a minute, some minutes late. */
const LOOKS_BACK_MS = 15 * 60_000;
const PERIOD_SECONDS = 60;

/** SQS does not tell how old messages are; CloudWatch does, for money, to the minute. */
export class SqsAges {
  readonly #library: typeof cloudwatch;
  readonly #client: cloudwatch.CloudWatchClient;
  readonly #place: SqsPlace;

  private constructor(library: typeof cloudwatch, place: SqsPlace) {
    this.#library = library;
    const endpoint = typeof place.cloudwatch === 'string' ? place.cloudwatch : null;
    this.#client = new library.CloudWatchClient(awsOptions(place, endpoint));
    this.#place = place;
  }

  /** Null where CloudWatch is not to be asked. */
  static async open(place: SqsPlace): Promise<SqsAges | null> {
    if (place.cloudwatch === false) return null;
    return new SqsAges(await import('@aws-sdk/client-cloudwatch'), place);
  }

  close(): void {
    this.#client.destroy();
  }

  /** Since when the oldest message lies in each queue, by name; those that are not told are missing. */
  async find(
    names: readonly string[],
    now: UnixNs,
    abortSignal: AbortSignal,
  ): Promise<ReadonlyMap<string, UnixNs>> {
    const found = new Map<string, UnixNs>();
    for (let from = 0; from < names.length; from += METRICS_MAX) {
      const some = names.slice(from, from + METRICS_MAX);
      const command = new this.#library.GetMetricDataCommand(questionOf(some, now));
      const answer = await askAws(this.#place, () => this.#client.send(command, { abortSignal }));
      for (const { Id = '', Timestamps = [], Values = [] } of answer?.MetricDataResults ?? []) {
        const name = some[Number(Id.slice(1))];
        const [at] = Timestamps;
        const [seconds] = Values;
        if (name === undefined || at === undefined || seconds === undefined) continue;
        found.set(name, instantFromMs(Math.floor(at.getTime() - seconds * 1_000)));
      }
    }
    return found;
  }
}

function questionOf(names: readonly string[], now: UnixNs) {
  const nowMs = Number(now / 1_000_000n);
  return {
    StartTime: new Date(nowMs - LOOKS_BACK_MS),
    EndTime: new Date(nowMs),
    ScanBy: 'TimestampDescending' as const,
    MetricDataQueries: names.map((Value, index) => ({
      Id: `q${index}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value }],
        },
        Period: PERIOD_SECONDS,
        Stat: 'Maximum',
      },
    })),
  };
}
