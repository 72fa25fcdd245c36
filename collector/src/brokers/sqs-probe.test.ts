import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instantFromMs } from '@throughline/model/time';
import { SqsProbe } from './sqs-probe.js';

const SECRET = 'not-to-be-told';
const clock = { now: () => instantFromMs(1_800_000_000_000) };
const open = new AbortController().signal;

type Question = Readonly<Record<string, unknown>>;
/** Answers by the name of the question, in the JSON protocol of SQS. */
type Answers = Readonly<Record<string, (question: Question) => object>>;

let server: Server;
let url: string;
let answers: Answers;
let asked: string[];

beforeEach(async () => {
  answers = {};
  asked = [];
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const name = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      asked.push(name);
      answer(response, name, JSON.parse(Buffer.concat(pieces).toString()) as Question);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function answer(response: ServerResponse, name: string, question: Question): void {
  const told = answers[name]?.(question) ?? { __type: 'com.amazonaws.sqs#QueueDoesNotExist' };
  const status = '__type' in told ? 400 : 200;
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(told));
}

const refused = (type: string) => () => ({ __type: `com.amazonaws.sqs#${type}`, message: SECRET });
const urlOf = (name: string) => `${url}1/${name}`;

function probeOf(queues: readonly string[] = []): SqsProbe {
  return new SqsProbe(
    {
      region: 'eu-west-1',
      endpoint: url,
      queues,
      cloudwatch: false,
      user: 'AKIA',
      password: SECRET,
    },
    clock,
  );
}

/** What each queue holds, and where it puts messages aside. */
function region(queues: Readonly<Record<string, Question>>): Answers {
  return {
    ListQueues: () => ({ QueueUrls: Object.keys(queues).map(urlOf) }),
    GetQueueUrl: ({ QueueName }) =>
      String(QueueName) in queues
        ? { QueueUrl: urlOf(String(QueueName)) }
        : refused('QueueDoesNotExist')(),
    GetQueueAttributes: ({ QueueUrl }) => {
      const name = String(QueueUrl).split('/').at(-1) ?? '';
      return { Attributes: { QueueArn: `arn:aws:sqs:eu-west-1:1:${name}`, ...queues[name] } };
    },
  };
}
const asideTo = (name: string) => ({
  RedrivePolicy: JSON.stringify({
    deadLetterTargetArn: `arn:aws:sqs:eu-west-1:1:${name}`,
    maxReceiveCount: '5',
  }),
});

async function look(queues?: readonly string[]) {
  const probe = probeOf(queues);
  try {
    return await probe.look(open);
  } finally {
    probe.close();
  }
}

async function complaint(queues?: readonly string[]): Promise<string> {
  const error = await look(queues).then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  expect(error?.name).toBe('NoData');
  expect(error?.message).not.toContain(SECRET);
  return error?.message ?? '';
}

describe('the queues of a region', () => {
  it('that others put messages aside to keep dead letters, whatever they are called', async () => {
    answers = region({
      orders: { ApproximateNumberOfMessages: '7', ...asideTo('parked') },
      mails: { ApproximateNumberOfMessagesDelayed: '2', ...asideTo('parked') },
      parked: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '1' },
      'old-dlq.fifo': {},
    });
    const queues = await look();
    expect(queues.map(({ name, waiting, unsettled }) => [name, waiting, unsettled])).toEqual([
      ['orders', 7, 0],
      ['mails', 2, 0],
      ['parked', 3, 1],
      ['old-dlq.fifo', 0, 0],
    ]);
    expect(queues.map(({ isDeadLetter }) => isDeadLetter)).toEqual([false, false, true, true]);
    expect(queues[0]).toMatchObject({ system: 'aws_sqs', deliveriesMax: 5, consumers: null });
    expect(queues[2]).toMatchObject({
      deadLetterOf: ['mails', 'orders'],
      redrive: `aws sqs start-message-move-task --region eu-west-1 --endpoint-url ${url} --source-arn arn:aws:sqs:eu-west-1:1:parked`,
    });
    expect(new Set(asked)).toEqual(new Set(['ListQueues', 'GetQueueAttributes']));
  });

  it('are only those that are named, and where these put messages aside', async () => {
    answers = region({ orders: asideTo('parked'), mails: {}, parked: {} });
    expect((await look(['orders'])).map(({ name }) => name)).toEqual(['orders', 'parked']);
    expect(asked).not.toContain('ListQueues');
  });

  it('are taken without what they put aside where that may not be seen', async () => {
    answers = region({ orders: asideTo('elsewhere') });
    expect((await look()).map(({ name }) => name)).toEqual(['orders']);
  });

  it('are there though a redrive policy makes no sense', async () => {
    answers = region({ orders: { RedrivePolicy: '{' }, mails: { RedrivePolicy: '{}' } });
    expect((await look()).map(({ deliveriesMax }) => deliveriesMax)).toEqual([null, null]);
  });
});

describe('an SQS that does not answer', () => {
  it.each([
    [
      'InvalidClientTokenId',
      'eu-west-1 does not know the access key AKIA, or not with this secret',
    ],
    ['AccessDenied', 'eu-west-1 does not let this key list queues: allow sqs:ListQueues'],
    ['InternalFailure', 'eu-west-1 answered InternalFailure'],
  ])('because of %s says why, and no secret', async (type, words) => {
    answers = { ListQueues: refused(type) };
    expect(await complaint()).toContain(words);
    expect(asked).toEqual(['ListQueues']);
  });

  it('about a queue that is named says which', async () => {
    answers = region({ orders: {} });
    expect(await complaint(['orders', 'oders'])).toContain('has no queue oders');
  });

  it('about any queue at all is not taken for an empty region', async () => {
    answers = { ...region({ orders: {} }), GetQueueAttributes: refused('AccessDenied') };
    expect(await complaint()).toContain('allow sqs:GetQueueAttributes');
  });

  it('with too many queues asks for names, and is not asked for each of them', async () => {
    const QueueUrls = Array.from({ length: 400 }, (_, n) => urlOf(`q${n}`));
    answers = { ListQueues: () => ({ QueueUrls, NextToken: 'more' }) };
    expect(await complaint()).toContain('more than 500 queues');
    expect(asked).toEqual(['ListQueues', 'ListQueues']);
  });

  it('is let go of when it is silent', async () => {
    server.removeAllListeners('request');
    const ending = new AbortController();
    server.once('request', () => ending.abort());
    const probe = probeOf();
    await expect(probe.look(ending.signal)).rejects.toThrow('eu-west-1 answered AbortError');
    probe.close();
  });
});
