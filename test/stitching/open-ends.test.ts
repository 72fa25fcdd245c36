import { flow } from '@throughline/fixtures/build/policy';
import { span, type SpanOptions } from '@throughline/fixtures/build/span';
import type { Flow } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { describe, expect, test } from 'vitest';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { stepsOf, stitched } from './telling.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const ROOT = { traceId: TRACE, spanId: 'b7ad6b7169203331', startNs: 1_767_603_600_000_000_000n };
const BELOW = { spanId: '00f067aa0ba902b7', parentSpanId: ROOT.spanId };

type StepOptions = Partial<SpanOptions> & Pick<SpanOptions, 'service' | 'name'>;

/** The one run that the steps of one trace make. */
function runOf(steps: readonly StepOptions[], flows: readonly Flow[] = []): Run {
  const spans = steps.map((step) => span({ ...ROOT, ...step }));
  const stitcher = stitched(stepsOf(spans), flows);
  const [id, ...others] = stitcher.ids();
  const run = id === undefined ? undefined : stitcher.run(id);
  if (!run || others.length > 0) throw new Error('the steps do not make one run');
  return run;
}

describe('a run that still waits for something', () => {
  const key = { 'throughline.key.employee': 'e1' };
  const announced = { 'throughline.expects': ['account.ready'], 'throughline.deadline_ms': 5_000 };
  const announcing = { service: 'payroll', name: 'hire', attributes: { ...key, ...announced } };
  const answer = { service: 'it', name: 'account.ready', ...BELOW };

  test('is active while an event that a step announced has not come', () => {
    expect(runOf([announcing]).status).toBe('active');
    expect(runOf([announcing, answer]).status).toBe('completed');
  });

  test('is active while an event that its flow declares has not come', () => {
    const declared = flow({
      workflow: 'hiring',
      startsWith: 'hire',
      expects: [{ after: 'hire', event: 'account.ready', by: 'it', withinMs: 5_000 }],
    });
    const hire = { service: 'payroll', name: 'hire', attributes: key };
    expect(runOf([hire], [declared]).status).toBe('active');
    expect(runOf([hire, answer], [declared]).status).toBe('completed');
    expect(runOf([hire]).status).toBe('completed');
  });

  test('is over all the same when its root failed, or a step says so', () => {
    expect(runOf([{ ...announcing, error: 'no such desk' }]).status).toBe('failed');
    const attributes = { ...announcing.attributes, 'throughline.outcome': 'cancelled' };
    expect(runOf([{ ...announcing, attributes }]).status).toBe('cancelled');
  });
});

test.each([
  ['neither half', {}, {}, false],
  ['the server', {}, { error: 'out of stock' }, true],
  ['the client', { error: 'timed out' }, {}, true],
])('a request is an error when %s says so', (_who, client, server, isError) => {
  const run = runOf([
    { service: 'shop', name: 'GET /price', kind: 'client', ...client },
    { service: 'prices', name: 'GET /price', kind: 'server', ...BELOW, ...server },
  ]);
  expect(contributionOf(run).hops).toMatchObject([{ kind: 'call', isError }]);
});
