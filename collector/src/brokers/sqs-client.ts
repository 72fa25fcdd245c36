import type * as sqs from '@aws-sdk/client-sqs';
import type { BrokerTarget } from '../config/config.js';
import { LIMITS } from '../limits.js';
import { askAws, awsOptions } from './ask-aws.js';
import { NoData } from './probe.js';

export type SqsPlace = Pick<
  BrokerTarget,
  'region' | 'endpoint' | 'queues' | 'cloudwatch' | 'user' | 'password'
>;

/** What SQS tells of a queue; the counts are approximate by nature. */
export interface SqsQueue {
  readonly name: string;
  readonly arn: string;
  readonly visible: number;
  readonly delayed: number;
  readonly inFlight: number;
  /** Where messages go that were received too often; null: nowhere. */
  readonly putsAside: { readonly targetArn: string; readonly receivesMax: number | null } | null;
}

/** Loaded when the first SQS is asked, and not at all where none is configured. */
export class SqsClient {
  readonly #library: typeof sqs;
  readonly #client: sqs.SQSClient;
  readonly #place: SqsPlace;

  private constructor(library: typeof sqs, place: SqsPlace) {
    this.#library = library;
    this.#client = new library.SQSClient(awsOptions(place, place.endpoint));
    this.#place = place;
  }

  static async open(place: SqsPlace): Promise<SqsClient> {
    return new SqsClient(await import('@aws-sdk/client-sqs'), place);
  }

  close(): void {
    this.#client.destroy();
  }

  /** Addresses of all queues of the region. @throws NoData */
  async list(abortSignal: AbortSignal): Promise<string[]> {
    const { region } = this.#place;
    const urls: string[] = [];
    let after: string | undefined;
    do {
      const command = new this.#library.ListQueuesCommand({
        MaxResults: 1_000,
        ...(after === undefined ? {} : { NextToken: after }),
      });
      const page = await askAws(this.#place, () => this.#client.send(command, { abortSignal }));
      if (page === null) {
        throw new NoData(
          `${region} does not let this key list queues: allow sqs:ListQueues, or name them (queues: [name])`,
        );
      }
      urls.push(...(page.QueueUrls ?? []));
      after = page.NextToken;
    } while (after !== undefined && urls.length <= LIMITS.sqsQueuesMax);
    if (urls.length <= LIMITS.sqsQueuesMax) return urls;
    throw new NoData(
      `${region} has more than ${LIMITS.sqsQueuesMax} queues, and each is a request: name those to look at (queues: [name])`,
    );
  }

  /** @param account null: the one of the key. @returns null for a queue that is not there, or may not be seen. */
  async urlOf(
    name: string,
    account: string | null,
    abortSignal: AbortSignal,
  ): Promise<string | null> {
    const command = new this.#library.GetQueueUrlCommand({
      QueueName: name,
      ...(account === null ? {} : { QueueOwnerAWSAccountId: account }),
    });
    const answer = await askAws(this.#place, () => this.#client.send(command, { abortSignal }));
    return answer?.QueueUrl ?? null;
  }

  /** @returns null for a queue that is gone meanwhile, or may not be seen. */
  async queueAt(url: string, abortSignal: AbortSignal): Promise<SqsQueue | null> {
    const command = new this.#library.GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
        'RedrivePolicy',
      ],
    });
    const answer = await askAws(this.#place, () => this.#client.send(command, { abortSignal }));
    const told = answer?.Attributes;
    if (told === undefined) return null;
    return {
      name: url.slice(url.lastIndexOf('/') + 1),
      arn: told.QueueArn ?? '',
      visible: Number(told.ApproximateNumberOfMessages ?? 0),
      delayed: Number(told.ApproximateNumberOfMessagesDelayed ?? 0),
      inFlight: Number(told.ApproximateNumberOfMessagesNotVisible ?? 0),
      putsAside: redrivePolicy(told.RedrivePolicy),
    };
  }
}

function redrivePolicy(text: string | undefined): SqsQueue['putsAside'] {
  if (text === undefined) return null;
  try {
    const policy = JSON.parse(text) as { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown };
    const receivesMax = Number(policy.maxReceiveCount);
    return {
      targetArn: String(policy.deadLetterTargetArn),
      receivesMax: Number.isInteger(receivesMax) && receivesMax > 0 ? receivesMax : null,
    };
  } catch {
    return null;
  }
}
