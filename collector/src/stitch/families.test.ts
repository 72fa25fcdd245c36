import { flow } from '@throughline/fixtures/build/policy';
import type { Step } from '@throughline/model/step';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyStep, stepOf } from './any-step.case.js';
import { canonicalDump, dumpRun } from './canonical-dump.js';
import { recordOf, type FamilyRecord } from './families.js';
import { tiesOfStep } from './step-ties.js';
import { Stitcher } from './stitch.js';

/** No key and no message id becomes coarse by number: that is remembered, and not worked out again. */
const OPTIONS = {
  keyPartnersMax: 1_000,
  epochSilenceMs: 8,
  messageSendersMax: 1_000,
  flows: [
    flow({
      workflow: 'checkout',
      startsWith: 'place',
      ends: [{ event: 'ship', outcome: 'completed' }],
    }),
  ],
};

const story = fc.array(fc.record({ step: anyStep.map(stepOf), leaves: fc.boolean() }), {
  minLength: 1,
  maxLength: 30,
});

/** Where families are kept that have left, with what finds them. */
class Shelf {
  readonly stitcher = new Stitcher(OPTIONS);
  readonly #all: { readonly step: Step; readonly bodyId: number }[] = [];
  readonly #away = new Set<FamilyRecord>();

  add(step: Step): void {
    const bodyId = this.#all.length + 1;
    for (const tie of tiesOfStep(step)) this.#fetch(tie);
    this.#all.push({ step, bodyId });
    this.stitcher.add([step], bodyId);
  }

  /** Lets families go, as the answers say, the ones first of which nothing was heard for longest. */
  leave(answers: readonly boolean[]): void {
    this.stitcher.takeChanges();
    for (const goes of answers) {
      const family = this.stitcher.residents.leastRecent();
      if (!family) return;
      if (!goes) {
        this.stitcher.residents.putOff(family);
        continue;
      }
      const record = recordOf(family);
      this.#away.add(record);
      this.stitcher.leave(family, record.runIds);
    }
  }

  fetchAll(): void {
    for (const record of this.#away) this.#restore(record);
  }

  #fetch(tie: string): void {
    for (const record of this.#away) if (record.ties.includes(tie)) this.#restore(record);
  }

  #restore(record: FamilyRecord): void {
    this.#away.delete(record);
    for (const { step, bodyId } of this.#all) {
      const isOf = record.traceIds.includes(step.traceId);
      if (isOf) this.stitcher.restore([step], bodyId);
    }
  }
}

test('a family that leaves takes nothing with it that the others show, and tells nothing', () => {
  fc.assert(
    fc.property(story, (told) => {
      const shelf = new Shelf();
      for (const { step } of told) shelf.add(step);
      shelf.stitcher.takeChanges();
      const before = new Map([...shelf.stitcher.ids()].map((id) => [id, shelf.stitcher.run(id)]));
      shelf.leave(told.map(({ leaves }) => leaves));
      expect(shelf.stitcher.takeChanges()).toEqual({ changed: [], gone: [] });
      for (const id of shelf.stitcher.ids()) {
        expect(dumpRun(shelf.stitcher.run(id))).toBe(dumpRun(before.get(id)));
      }
    }),
    { numRuns: 500 },
  );
});

test('families that leave and are fetched when a step with one of their ties comes change nothing in the end', () => {
  fc.assert(
    fc.property(story, (told) => {
      const shelf = new Shelf();
      for (const [at, { step, leaves }] of told.entries()) {
        shelf.add(step);
        if (leaves) shelf.leave(told.slice(0, at).map((each) => each.leaves));
      }
      shelf.fetchAll();
      const whole = new Stitcher(OPTIONS);
      for (const [at, { step }] of told.entries()) whole.add([step], at + 1);
      expect(canonicalDump(shelf.stitcher)).toBe(canonicalDump(whole));
    }),
    { numRuns: 700 },
  );
});

test('what is in memory is counted, and so is what a restart has to read for it', () => {
  fc.assert(
    fc.property(story, (told) => {
      const shelf = new Shelf();
      for (const { step } of told) shelf.add(step);
      const steps = new Set(told.map(({ step }) => step.id));
      expect(shelf.stitcher.residents.stepCount).toBe(steps.size);
      expect(shelf.stitcher.residents.firstNeededBodyId).toBe(1);
      shelf.leave(told.map(() => true));
      expect(shelf.stitcher.residents.stepCount).toBe(0);
      expect(shelf.stitcher.residents.firstNeededBodyId).toBeNull();
      expect([...shelf.stitcher.ids()]).toEqual([]);
      shelf.fetchAll();
      expect(shelf.stitcher.residents.stepCount).toBe(steps.size);
      expect(shelf.stitcher.residents.firstNeededBodyId).toBeNull();
    }),
    { numRuns: 200 },
  );
});
