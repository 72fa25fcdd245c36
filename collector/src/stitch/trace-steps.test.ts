import { domainStep, spanNumber, traceNumber } from '@throughline/fixtures/build/domain-step';
import { stepId } from '@throughline/model/ids';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TraceSteps } from './trace-steps.js';
import { Entry, TraceState } from './trace-state.js';

const trace = new TraceState(traceNumber(1));

/** Spans of one trace, with either half, below each other in any way. */
const anyEntry = fc
  .record({
    span: fc.integer({ min: 1, max: 12 }),
    parent: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 3 }),
    isServerHalf: fc.boolean(),
  })
  .map(({ span, parent, isServerHalf }) => {
    const step = domainStep({ trace: 1, span, ...(parent === null ? {} : { parent }) });
    const id = stepId(step.traceId, step.spanId, isServerHalf);
    return new Entry({ ...step, id, isSharedServerHalf: isServerHalf }, trace, 1);
  });

const acts = fc.array(fc.record({ entry: anyEntry, isAdding: fc.boolean() }), { maxLength: 40 });

test('the steps of a trace are found the same way, whether they are few or many', () => {
  fc.assert(
    fc.property(acts, (all) => {
      const steps = new TraceSteps();
      let plain: Entry[] = [];
      for (const { entry, isAdding } of all) {
        const known = plain.find(({ step }) => step.id === entry.step.id);
        expect(steps.twinOf(entry.step)).toBe(known);
        expect(steps.named(entry.step.id)).toBe(known);
        if (isAdding && !known) {
          steps.add(entry);
          plain.push(entry);
        } else if (!isAdding && known) {
          steps.remove(known);
          plain = plain.filter((each) => each !== known);
        }
        expect([...steps.values()]).toEqual(plain);
        expect(steps.size).toBe(plain.length);
        for (let number = 1; number <= 12; number += 1) {
          const span = spanNumber(number);
          const halves = plain.filter(({ step }) => step.spanId === span);
          expect(steps.ofSpan(span)).toEqual(
            halves.sort((a, b) => (a.step.id < b.step.id ? -1 : 1)),
          );
          expect([...steps.below(span)]).toEqual(
            plain.filter(({ step }) => step.parentSpanId === span),
          );
        }
      }
    }),
  );
});
