import { domainStep, spanNumber, traceNumber } from '@throughline/fixtures/build/domain-step';
import type { Key } from '@throughline/model/key';
import type { StepLink } from '@throughline/model/step';
import { expect, test } from 'vitest';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { stitched } from './telling.js';

const order: Key = { type: 'order', value: '8123', relation: 'same' };
const invoice: Key = { type: 'invoice', value: '77', relation: 'same' };

function linkTo(trace: number, span: number): StepLink {
  const ids = { traceId: traceNumber(trace), spanId: spanNumber(span) };
  return { ...ids, messageId: null, destination: null };
}

// An order's event starts an invoice, a run of its own with a key of its own.
test('a message that is taken under a key of its own is taken, in the run that sent it too', () => {
  const sent = domainStep({ trace: 1, span: 1, role: 'send', keys: [order], message: {} });
  const taken = domainStep({
    trace: 2,
    span: 1,
    role: 'take',
    service: 'billing',
    atMs: 20,
    keys: [invoice],
    links: [linkTo(1, 1)],
    message: {},
  });
  const stitcher = stitched([taken, sent]);
  const runs = [...stitcher.ids()].map((id) => stitcher.run(id));
  const sender = runs.find((run) => run?.steps.some(({ step }) => step.id === sent.id));
  const taker = runs.find((run) => run?.steps.some(({ step }) => step.id === taken.id));
  expect(runs.length).toBe(2);
  expect(taker?.parent).toBe(sender?.id);
  // The step stays in its own run and no edge crosses the border, but nobody has to wait for it any more.
  expect(sender?.messages.map(({ takenBy }) => takenBy)).toEqual([[taken.id]]);
  expect(sender?.edges).toEqual([]);
  const trails = [sender, taker].flatMap((run) => (run ? contributionOf(run).messages : []));
  expect(trails.map(({ producer, consumers }) => [producer, consumers.length])).toEqual([
    ['shop', 1],
  ]);
  const hops = [sender, taker].flatMap((run) => (run ? contributionOf(run).hops : []));
  expect(hops.map(({ kind, from, to }) => [kind, from.name, to.name])).toEqual([
    ['send', 'shop', 'orders'],
    ['take', 'orders', 'billing'],
  ]);
});

// A job that was started because of another one, with a link as the only tie: nobody waits for it.
test('a link between two jobs is a sequence, not a call', () => {
  const first = domainStep({ trace: 1, span: 1, name: 'export', keys: [order] });
  const second = domainStep({
    trace: 2,
    span: 1,
    service: 'reports',
    name: 'render',
    atMs: 20,
    keys: [order],
    links: [linkTo(1, 1)],
  });
  const stitcher = stitched([first, second]);
  const [id] = stitcher.ids();
  const run = id && stitcher.run(id);
  expect(run?.edges.map(({ kind, evidence }) => [kind, evidence])).toEqual([['follows', 'link']]);
});
