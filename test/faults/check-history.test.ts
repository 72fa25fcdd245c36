import { describe, expect, it } from 'vitest';
import { expectNothingLost, judge, type Verdict } from './check-history.js';
import type { Accounts, Operation, Witnessed } from './history.js';

const spans: readonly Witnessed[] = ['a', 'b', 'c', 'd'].map((id, index) => ({
  id,
  said: `${id} at 1000000000000000001`,
  run: index < 2 ? 'order 1' : 'order 2',
}));
const [a, b, c, d] = spans as [Witnessed, Witnessed, Witnessed, Witnessed];
const balanced: Accounts = { received: 5, stored: 4, duplicate: 1, rejected: 0, dropped: 0 };

interface Seen {
  readonly stored: readonly Witnessed[];
  readonly runs: readonly (readonly Witnessed[])[];
  readonly accounts: Accounts;
}

const sound: Seen = {
  stored: spans,
  runs: [
    [a, b],
    [c, d],
  ],
  accounts: balanced,
};

/** Two requests; the second had no answer and was sent again. */
function historyWith(change: Partial<Seen>): Operation[] {
  const seen = { ...sound, ...change };
  return [
    { op: 'sent', request: 1, spans: [a, b] },
    { op: 'answered', request: 1, status: 200, rejected: 0, retryAfter: null },
    { op: 'sent', request: 2, spans: [c] },
    { op: 'sent', request: 3, spans: [c, d] },
    { op: 'answered', request: 3, status: 200, rejected: 0, retryAfter: null },
    { op: 'stored', spans: seen.stored },
    { op: 'shown', runs: seen.runs },
    { op: 'accounted', accounts: seen.accounts },
  ];
}

const late: Witnessed = { ...d, said: 'd at 1000000000000000002' };
const stranger: Witnessed = { id: 'x', said: 'x', run: 'order 2' };

const controls: readonly (readonly [string, Partial<Seen>, Partial<Verdict>])[] = [
  ['a dropped row', { stored: [a, b, c] }, { lost: ['d'] }],
  ['a span that is not shown', { runs: [[a, b], [c]] }, { lost: ['d'] }],
  ['a row more than was sent', { stored: [a, a, b, c, d] }, { repeated: ['a'] }],
  [
    'a span shown twice',
    {
      runs: [
        [a, b, b],
        [c, d],
      ],
    },
    { repeated: ['b'] },
  ],
  ['a span of nobody', { stored: [...spans, stranger] }, { invented: ['x'] }],
  [
    'an attribute altered in the file',
    { stored: [{ ...a, said: 'A' }, b, c, d] },
    { altered: ['a'] },
  ],
  [
    'a time shown 1 ns late',
    {
      runs: [
        [a, b],
        [c, late],
      ],
    },
    { altered: ['d'] },
  ],
  ['two executions in a run', { runs: [[a, b, c, d]] }, { wrongRuns: ['order 1 with order 2'] }],
  ['an execution in two runs', { runs: [[a, b], [c], [d]] }, { wrongRuns: ['order 2 torn'] }],
  [
    'a span that is not accounted for',
    { accounts: { ...balanced, received: 6 } },
    { accounts: 'received 6, accounted for 5' },
  ],
  [
    'accounts that say more than is there',
    { accounts: { ...balanced, stored: 5, duplicate: 0 } },
    { accounts: '5 are said to be stored, 4 are there' },
  ],
];

describe('the history checker', () => {
  it('finds nothing wrong where nothing is: a request without an answer may have been stored', () => {
    const figures = expectNothingLost(historyWith({ stored: [a, b, c, c, d] }));
    expect(figures).toEqual({
      spansSent: 4,
      spansAcked: 4,
      unackedFound: 0,
      requests: 3,
      refusals: 0,
      unanswered: 1,
      givenUp: 0,
    });
  });

  it.each(controls)('sees %s', (_what, change, found) => {
    const history = historyWith(change);
    expect(judge(history).verdict).toMatchObject(found);
    expect(() => expectNothingLost(history)).toThrow();
  });

  it('sees a refusal that does not say when to come again', () => {
    const refusal = {
      op: 'answered',
      request: 2,
      status: 503,
      rejected: 0,
      retryAfter: null,
    } as const;
    expect(judge([...historyWith({}), refusal]).verdict.unhelpful).toEqual([2]);
    const helpful = { ...refusal, retryAfter: '1' };
    expect(judge([...historyWith({}), helpful]).verdict.unhelpful).toEqual([]);
  });
});
