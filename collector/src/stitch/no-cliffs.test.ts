import {
  domainStep,
  spanNumber,
  traceNumber,
  type DomainStepOptions,
} from '@throughline/fixtures/build/domain-step';
import type { Key } from '@throughline/model/key';
import { expect, test } from 'vitest';
import { Stitcher } from './stitch.js';

/** Each step of the small set; the large one has eight times as many. */
const SMALL = 600;
const GROWTH = 8;
/** Linear work grows eightfold, quadratic work sixty-fourfold: the bound lies between, far from both. */
const COST_MAX = 40;

const BATCH = 300;

const ORDER: Key = { type: 'order', value: '8123', relation: 'same' };

function order(value: number): Key {
  return { ...ORDER, value: `o${value}` };
}

function linkTo(trace: number): DomainStepOptions['links'] {
  const [traceId, spanId] = [traceNumber(trace), spanNumber(1)];
  return [{ traceId, spanId, messageId: null, destination: null }];
}

type Shape = (at: number, count: number) => DomainStepOptions;

const SHAPES: readonly [string, Shape][] = [
  [
    'one trace, one step below the other',
    (at) => inTrace(at, { parent: at, keys: at ? [] : [ORDER] }),
  ],
  ['one trace without any key', (at) => inTrace(at, { parent: Math.max(1, at >> 1) })],
  ['one key in as many traces', (at) => alone(at, { role: 'serve', keys: [ORDER] })],
  ['one key that meets as many values', (at) => alone(at, { keys: [ORDER, order(at)] })],
  ['one message id that every send and taking bears', sharedId],
  ['one message that as many take', (at) => fannedOut(at)],
  ['as many runs caused by one step', (at) => inTrace(at, { parent: 1, keys: [order(at)] })],
  ['as many declared children of one run', declaredChild],
  ['batches of hundreds of links', batched],
  ['a run that a deep chain of another one passes through', passedThrough],
  ['steps that undo others of the same name', undoing],
  ['a key used again every day', (at) => usedAgain(at)],
];

function inTrace(at: number, told: Partial<DomainStepOptions>): DomainStepOptions {
  const { parent, ...rest } = told;
  return { trace: 1, span: at + 1, atMs: at, ...rest, ...(at && parent ? { parent } : {}) };
}

function alone(at: number, told: Partial<DomainStepOptions>): DomainStepOptions {
  return { trace: at + 1, span: 1, atMs: at, ...told };
}

function sharedId(at: number): DomainStepOptions {
  const role = at % 2 === 0 ? 'send' : 'take';
  return alone(at, { role, keys: [ORDER], message: { messageId: 'constant' } });
}

function fannedOut(at: number): DomainStepOptions {
  if (at === 0) return alone(at, { role: 'send', keys: [ORDER], message: { messageId: 'm' } });
  return alone(at, { role: 'take', links: linkTo(1) ?? [], message: { messageId: 'm' } });
}

function declaredChild(at: number): DomainStepOptions {
  return alone(at, { keys: at === 0 ? [ORDER] : [order(at), { ...ORDER, relation: 'child-of' }] });
}

function batched(at: number): DomainStepOptions {
  const message = { messageId: `m${at}` };
  if (at % BATCH !== BATCH - 1) return alone(at, { role: 'send', keys: [order(at)], message });
  const links = Array.from({ length: BATCH - 1 }, (_, back) => linkTo(at - back) ?? []).flat();
  return alone(at, { role: 'take', links, message: {} });
}

function passedThrough(at: number, count: number): DomainStepOptions {
  const isChain = at < count / 2;
  return inTrace(at, {
    parent: isChain ? at : Math.floor(count / 2),
    keys: [at > 0 && isChain ? order(2) : ORDER],
  });
}

function undoing(at: number): DomainStepOptions {
  const isUndoing = at % 2 === 1;
  return alone(at, { keys: [ORDER], name: 'charge', compensates: isUndoing ? 'charge' : null });
}

function usedAgain(at: number): DomainStepOptions {
  const isLast = at % 10 === 9;
  const atMs = Math.floor(at / 10) * 86_400_000 + at;
  return alone(at, { keys: [ORDER], role: 'serve', atMs, outcome: isLast ? 'completed' : null });
}

/** Milliseconds of processor time for the whole life of the steps: filed, placed, assembled, and forgotten again. */
function costOf(shape: Shape, count: number): number {
  const steps = Array.from({ length: count }, (_, at) => domainStep(shape(at, count)));
  const [late] = steps.slice(-1);
  const before = process.cpuUsage();
  const stitcher = new Stitcher({ keyPartnersMax: 20, flows: [] });
  for (let at = 0; at < count - 1; at += 500)
    stitcher.add(steps.slice(at, Math.min(at + 500, count - 1)), at);
  const { changed } = stitcher.takeChanges();
  for (const id of changed) expect(stitcher.run(id)?.steps.length).toBeGreaterThan(0);
  if (late) stitcher.add([late], count);
  stitcher.takeChanges();
  stitcher.forget(count / 2);
  stitcher.takeChanges();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test.each(SHAPES)('costs grow with the number of steps and no faster: %s', (_, shape) => {
  costOf(shape, SMALL);
  // The best of some tries: what else the machine does only adds to them.
  const least = (count: number): number => {
    return Math.min(...Array.from({ length: 3 }, () => costOf(shape, count)));
  };
  expect(least(SMALL * GROWTH)).toBeLessThan(Math.max(least(SMALL), 5) * COST_MAX);
});
