import { policy } from '@throughline/fixtures/build/policy';
import type { Policy } from '@throughline/model/policy';
import { KEY_RULES } from './corpus/dialects.js';
import { SHAPES } from './corpus/shapes.js';

/** What the operator of these systems declared; everything else is as the product has it. */
export function accuracyPolicy(): Policy {
  const declared = policy({
    keys: KEY_RULES,
    flows: SHAPES.flatMap(({ flow }) => flow ?? []),
    noConsumerExpected: ['fulfilment-delivered', 'claim.settled'],
  });
  return {
    ...declared,
    detect: { ...declared.detect, missingConsumer: { graceMs: 30_000 } },
  };
}
