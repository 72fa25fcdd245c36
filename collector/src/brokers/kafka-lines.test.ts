import { describe, expect, it } from 'vitest';
import type { KafkaGroup } from './kafka-groups.js';
import { linesOf, queueOf, unreadOf, type LogEnds } from './kafka-lines.js';

function group(
  id: string,
  members: Readonly<Record<string, number>> | null,
  commits: readonly (readonly [topic: string, partition: number, offset: number])[] = [],
): KafkaGroup {
  return {
    id,
    membersOf: members === null ? null : new Map(Object.entries(members)),
    committed: commits.map(([topic, partition, offset]) => ({
      topic,
      partition,
      offset: BigInt(offset),
    })),
  };
}

/** All partitions hold the records of offset 10 to 29. */
const ENDS: LogEnds = {
  startOf: () => ({ offset: 10n, timestamp: -1n }),
  endOf: () => ({ offset: 30n, timestamp: -1n }),
};
const two = (topic: string) => [0, 1].map((partition) => ({ topic, partition }));

/** `orders › billing: 12 waiting, 1 consumers`, one per line that groups draw. */
function drawn(groups: readonly KafkaGroup[], topics = ['orders', 'orders.dlt']): string[] {
  return linesOf(topics, groups).map((line) => {
    const { waiting } = unreadOf(line, two(line.topic), ENDS);
    return `${line.topic}${line.group === null ? '' : ` › ${line.group}`}: ${waiting} waiting, ${String(line.consumers)} consumers`;
  });
}

describe('the lines before a topic', () => {
  it('are one per group that reads or has read it, with what lies behind its offsets', () => {
    expect(
      drawn([
        group('billing', { orders: 2 }, [
          ['orders', 0, 25],
          ['orders', 1, 30],
        ]),
        group('old', {}, [['orders', 0, 10]]),
        group('fresh', { orders: 1 }),
        group('unknown', null, [['orders', 1, 29]]),
        group('elsewhere', { gone: 1 }, [['gone', 0, 1]]),
      ]),
    ).toEqual([
      'orders.dlt: 40 waiting, 0 consumers',
      'orders › billing: 5 waiting, 2 consumers',
      'orders › old: 20 waiting, 0 consumers',
      'orders › fresh: 0 waiting, 1 consumers',
      'orders › unknown: 1 waiting, null consumers',
    ]);
  });

  it.each([
    ['before what was deleted for its age', 3, 20],
    ['behind the end of a topic that was made anew', 99, 0],
    ['at the end', 30, 0],
  ])('count what is there for a group that stands %s', (_where, offset, waiting) => {
    expect(drawn([group('g', {}, [['orders', 0, offset]])], ['orders'])).toEqual([
      `orders › g: ${waiting} waiting, 0 consumers`,
    ]);
  });

  it('are one for dead letters, as far as anybody read them', () => {
    expect(
      drawn(
        [
          group('parking', { 'orders.dlt': 1 }, [['orders.dlt', 0, 12]]),
          group('redrive', {}, [
            ['orders.dlt', 0, 30],
            ['orders.dlt', 1, 28],
          ]),
        ],
        ['orders.dlt'],
      ),
    ).toEqual(['orders.dlt: 2 waiting, 1 consumers']);
  });

  it('leave out a partition that nobody leads', () => {
    const [line] = linesOf(['orders'], [group('g', {}, [['orders', 0, 20]])]);
    const ends: LogEnds = {
      ...ENDS,
      endOf: ({ partition }) => (partition === 0 ? null : ENDS.endOf({ topic: '', partition })),
    };
    expect(line && unreadOf(line, two('orders'), ends)).toMatchObject({ waiting: 0, first: [] });
  });
});

describe('a topic of dead letters', () => {
  const queue = (topic: string, topics: readonly string[]) => {
    const [line] = linesOf([topic], []);
    return line && queueOf(line, 3, new Set(topics));
  };

  it('names the topic they come from, and how they go back', () => {
    expect(queue('orders-dlt', ['orders', 'orders-dlt'])).toMatchObject({
      isDeadLetter: true,
      deadLetterOf: ['orders'],
      redrive: expect.stringContaining('--topic orders --property parse.key=true') as string,
    });
  });

  it('names none that does not exist, and quotes what a shell would read', () => {
    expect(queue("it's.dlq", [])).toMatchObject({
      deadLetterOf: [],
      redrive: expect.stringMatching(/--topic 'it'\\''s\.dlq'.*--topic '<the topic/) as string,
    });
  });
});
